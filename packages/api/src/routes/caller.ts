import { ApiError } from '../errors.ts';
import type { ApiCaller } from '../handlers.ts';
import type { AppOptions } from './app-options.ts';
import { type ApiContext, remoteAddress } from './audit.ts';

/** Finds out who sent a request. A refusal is logged with the address it came from, and told in one word. */
export async function requireCaller(c: ApiContext, { handlers, logger }: AppOptions): Promise<ApiCaller> {
  try {
    return await handlers.authenticate(c.req.header('Authorization'));
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unauthorized') {
      throw error;
    }
    const fields = { remoteAddress: remoteAddress(c), method: c.req.method, path: c.req.path, error: error.message };
    logger.warn(fields, 'authentication failed');
    throw new ApiError('unauthorized', 'unauthorized', { cause: error });
  }
}
