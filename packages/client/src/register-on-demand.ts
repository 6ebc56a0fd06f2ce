import { textOf } from '@rtcd/boundary';
import { RtcdClientError } from './errors.ts';

/** Response of rtcd if another node of the same installation was faster (contract section 1). */
const ALREADY_REGISTERED = 'registration failed: already registered';

/**
 * Connects. If rtcd does not know the credentials, perhaps because it restarted with an empty store, registers them and
 * connects once more; without `register` that is an error like any other.
 */
export async function connectOrRegister<T>(steps: { connect(): Promise<T>; register?(): Promise<void> }): Promise<T> {
  try {
    return await steps.connect();
  } catch (error) {
    if (steps.register === undefined || !isUnauthorized(error)) throw error;
  }
  try {
    await steps.register();
  } catch (error) {
    if (!textOf(error).endsWith(ALREADY_REGISTERED)) throw error;
  }
  return steps.connect();
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof RtcdClientError && error.code === 'unauthorized';
}
