import { type Check, check, validate } from '@rtcd/boundary';
import type { ClientMessage, JoinData, RtcMessage } from '@rtcd/protocol';
import type { CallOptions } from './client-events.ts';
import { RtcdClientError, type RtcdClientErrorCode } from './errors.ts';

/** Empty ids are for rtcd to refuse: it answers with `close`. */
const joinCheck = check.object<JoinData>({
  callID: check.string,
  userID: check.string,
  sessionID: check.string,
  channelID: check.string,
  av1Support: check.boolean,
  dcSignaling: check.boolean,
});
const rtcMessageCheck = check.object<Pick<RtcMessage, 'sessionID' | 'type' | 'data'>>({
  sessionID: check.nonEmptyString,
  type: check.integer(1),
  data: check.bytes,
});
/** The rest depends on the type; the encoder checks it. */
const messageCheck = check.object<Pick<ClientMessage, 'type' | 'data'>>({
  type: check.string,
  data: check.object<object>({}),
});
const callOptionsCheck = check.object<CallOptions>({ signal: check.optional(check.abortSignal) });

// Each throws a RtcdClientError `invalid_message` or `invalid_option` that names the field.

export const checkJoin = (data: JoinData): void => verify('data', data, joinCheck, 'invalid_message');
export const checkRtcMessage = (data: RtcMessage): void => verify('data', data, rtcMessageCheck, 'invalid_message');
export const checkMessage = (message: ClientMessage): void =>
  verify('message', message, messageCheck, 'invalid_message');
export const checkCallOptions = (options: CallOptions): void => verify('options', options, callOptionsCheck);
export const checkID = (name: string, id: string): void => verify(name, id, check.nonEmptyString);
export const checkText = (name: string, text: string): void => verify(name, text, check.string);

function verify(name: string, value: unknown, rule: Check, code: RtcdClientErrorCode = 'invalid_option'): void {
  validate(name, value, rule, (message) => new RtcdClientError(code, message));
}
