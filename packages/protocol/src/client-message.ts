import { type Check, check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument, ProtocolError } from './errors.ts';
import { MAX_CLIENT_MESSAGE_VALUES, MAX_ID_MESSAGE_BYTES, MAX_MESSAGE_BYTES } from './limits.ts';
import { decodeFirstText, decodeValues, encodeValues } from './messagepack.ts';
import { type RtcMessage, RtcMessageType, rtcMessageCheck, rtcMessageSchema, rtcMessageToMap } from './rtc-message.ts';
import { optionalFlag, optionalID, parseShape, requiredID } from './schema.ts';

/** Asks for a session. Empty ids pass the decoder: `checkSessionConfig` names the missing one. */
export interface JoinData {
  readonly callID: string;
  readonly userID: string;
  readonly sessionID: string;
  readonly channelID: string;
  readonly av1Support: boolean;
  readonly dcSignaling: boolean;
}

/** First message to a client on each connection. */
export interface HelloData {
  readonly clientID: string;
  readonly connID: string;
}

/** Names one session. */
export interface SessionData {
  readonly sessionID: string;
}

/** A message on the WebSocket between a client and rtcd. */
export type ClientMessage =
  | { readonly type: 'hello'; readonly data: HelloData }
  | { readonly type: 'join'; readonly data: JoinData }
  | { readonly type: 'leave' | 'reconnect' | 'close'; readonly data: SessionData }
  | { readonly type: 'rtc' | 'vad'; readonly data: RtcMessage };

/** The longest type has 9 characters. */
const MAX_TYPE_BYTES = 16;

const typeSchema = z.enum(['hello', 'join', 'leave', 'reconnect', 'close', 'rtc', 'vad']);
const helloSchema = z.object({ clientID: optionalID, connID: requiredID }); // an admin has no clientID
const sessionSchema = z.object({ sessionID: requiredID });
const joinSchema = z.object({
  callID: optionalID,
  userID: optionalID,
  sessionID: optionalID,
  channelID: optionalID,
  av1Support: optionalFlag,
  dcSignaling: optionalFlag,
});
const vadSchema = rtcMessageSchema.refine(
  ({ type }) => type === RtcMessageType.VoiceOn || type === RtcMessageType.VoiceOff,
  'type: neither VoiceOn nor VoiceOff',
);

const sessionCheck = check.object<SessionData>({ sessionID: check.nonEmptyString });

/** The encoder's side of the schemas: callers in JavaScript pass what their types would forbid. */
const DATA_CHECKS: Readonly<Record<ClientMessage['type'], Check>> = {
  hello: check.object<HelloData>({ clientID: check.string, connID: check.nonEmptyString }),
  join: check.object<JoinData>({
    callID: check.string,
    userID: check.string,
    sessionID: check.string,
    channelID: check.string,
    av1Support: check.boolean,
    dcSignaling: check.boolean,
  }),
  leave: sessionCheck,
  reconnect: sessionCheck,
  close: sessionCheck,
  rtc: rtcMessageCheck,
  vad: rtcMessageCheck,
};
const messageCheck = check.object<Pick<ClientMessage, 'type'>>({ type: check.oneOf(...Object.keys(DATA_CHECKS)) });

/** Throws `ProtocolError` `invalid_message` that names the field for a message of the wrong types. */
export function checkClientMessage(message: ClientMessage): void {
  checkArgument('message', message, messageCheck);
  checkArgument('data', message.data, DATA_CHECKS[message.type]);
}

/** One WebSocket message: the type, then the data. Throws as `checkClientMessage` does, and `ProtocolError` `too_large` above 1 MiB. */
export function encodeClientMessage(message: ClientMessage): Uint8Array {
  checkClientMessage(message);
  return encodeValues([message.type, dataToMap(message)]);
}

/**
 * Reads the type of a message from untrusted bytes and nothing else, so that messages which the other side may not send need not be
 * decoded. Throws `ProtocolError` for an unknown type.
 */
export function clientMessageType(bytes: Uint8Array): ClientMessage['type'] {
  return parseShape(typeSchema, decodeFirstText(bytes, MAX_TYPE_BYTES), 'message type');
}

/**
 * Reads one WebSocket message from untrusted bytes. Unknown keys are ignored; an unknown type, a missing session id or bytes
 * after the data are not. The `data` of an rtc message is a view into `bytes`. Throws `ProtocolError`.
 */
export function decodeClientMessage(bytes: Uint8Array): ClientMessage {
  const type = clientMessageType(bytes);
  if (bytes.length > maxBytesOf(type)) {
    throw new ProtocolError(
      'too_large',
      `${type} message of ${bytes.length} bytes: at most ${maxBytesOf(type)} are allowed`,
    );
  }
  const [, data] = decodeValues(bytes, { min: 2, max: 2, maxNested: MAX_CLIENT_MESSAGE_VALUES });
  const what = `${type} message`;
  switch (type) {
    case 'hello':
      return { type, data: parseShape(helloSchema, data, what) };
    case 'join':
      return { type, data: parseShape(joinSchema, data, what) };
    case 'leave':
    case 'reconnect':
    case 'close':
      return { type, data: parseShape(sessionSchema, data, what) };
    case 'rtc':
      return { type, data: parseShape(rtcMessageSchema, data, what) };
    case 'vad':
      return { type, data: parseShape(vadSchema, data, what) };
    default:
      return type satisfies never;
  }
}

const maxBytesOf = (type: ClientMessage['type']): number =>
  type === 'rtc' || type === 'vad' ? MAX_MESSAGE_BYTES : MAX_ID_MESSAGE_BYTES;

function dataToMap(message: ClientMessage): Record<string, unknown> {
  switch (message.type) {
    case 'hello':
      return { clientID: message.data.clientID, connID: message.data.connID };
    case 'join': {
      const { callID, userID, sessionID, channelID, av1Support, dcSignaling } = message.data;
      return { callID, userID, sessionID, channelID, av1Support, dcSignaling };
    }
    case 'leave':
    case 'reconnect':
    case 'close':
      return { sessionID: message.data.sessionID };
    case 'rtc':
    case 'vad':
      return rtcMessageToMap(message.data);
    default:
      return message satisfies never;
  }
}
