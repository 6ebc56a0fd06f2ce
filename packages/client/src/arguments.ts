import { type Check, check, validate } from '@rtcd/boundary';
import { type ClientMessage, checkClientMessage, ProtocolError } from '@rtcd/protocol';
import type { CallOptions } from './client-events.ts';
import { RtcdClientError } from './errors.ts';

const callOptionsCheck = check.object<CallOptions>({ signal: check.optional(check.abortSignal) });

// Each throws a RtcdClientError that names the field: `invalid_message` for messages, `invalid_option` for the rest.

export function checkMessage(message: ClientMessage): void {
  try {
    checkClientMessage(message);
  } catch (cause) {
    throw cause instanceof ProtocolError ? new RtcdClientError('invalid_message', cause.message, { cause }) : cause;
  }
}

export const checkCallOptions = (options: CallOptions): void => verify('options', options, callOptionsCheck);
export const checkID = (name: string, id: string): void => verify(name, id, check.nonEmptyString);
export const checkText = (name: string, text: string): void => verify(name, text, check.string);

function verify(name: string, value: unknown, rule: Check): void {
  validate(name, value, rule, (message) => new RtcdClientError('invalid_option', message));
}
