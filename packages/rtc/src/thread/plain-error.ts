import { PacketIoError, type PacketIoErrorCode } from '@rtcd/packet-io';
import { RtcError, type RtcErrorCode } from '../errors.ts';

/** An error as it crosses between threads, where classes and codes of errors are lost. */
export interface PlainError {
  /** Name of its class. Loggers show it. */
  readonly type: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly cause?: PlainError;
}

/** Causes of causes beyond this are left out. */
const MAX_CAUSES = 4;

export function toPlainError(thrown: unknown, causes = MAX_CAUSES): PlainError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: String(thrown) };
  const { name, message, stack, cause } = thrown;
  const code = 'code' in thrown ? String(thrown.code) : undefined;
  return {
    type: name,
    message,
    ...(stack !== undefined && { stack }),
    ...(code !== undefined && { code }),
    ...(cause !== undefined && causes > 0 && { cause: toPlainError(cause, causes - 1) }),
  };
}

/** Makes an error again, of the class that callers check for, with the stack of the thread that it comes from. */
export function fromPlainError({ type, message, stack, code, cause }: PlainError): Error {
  const options = cause && { cause: fromPlainError(cause) };
  const error = errorOf(type, code, message, options);
  if (stack !== undefined) error.stack = stack;
  return error;
}

function errorOf(type: string, code: string | undefined, message: string, options?: ErrorOptions): Error {
  switch (type) {
    case 'RtcError':
      return new RtcError(code as RtcErrorCode, message, options);
    case 'PacketIoError':
      return new PacketIoError(code as PacketIoErrorCode, message, options);
    default:
      return Object.assign(new Error(message, options), { name: type }, code !== undefined && { code });
  }
}
