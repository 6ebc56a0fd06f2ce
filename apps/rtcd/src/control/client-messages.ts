import {
  type ClientMessage,
  type JoinData,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
  type SessionData,
} from '@rtcd/protocol';
import { ControlError } from '../errors.ts';
import type { SfuLike } from '../sfu.ts';
import type { ClientLink, Sender } from './client-link.ts';
import type { ClientSessions } from './client-sessions.ts';
import type { Draining } from './draining.ts';
import type { Reconnects } from './reconnects.ts';

/** State shared by the handlers of client messages. */
export interface ControlContext {
  readonly sfu: SfuLike;
  readonly sessions: ClientSessions;
  readonly link: ClientLink;
  readonly draining: Draining;
  readonly reconnects: Reconnects;
  readonly maxSessionsPerClient: number;
}

/** Refuses messages that only rtcd sends, which need not be decoded. */
export function refuseOurs(type: ClientMessage['type']): void {
  if (type === 'hello' || type === 'close' || type === 'vad') {
    throw new ControlError('unexpected_message', `${type} messages are sent by rtcd only`);
  }
}

/** Does what a client's message asks for. Throws if that is refused. */
export function handleClientMessage(context: ControlContext, sender: Sender, message: ClientMessage): void {
  switch (message.type) {
    case 'join':
      return join(context, sender, message.data);
    case 'leave':
      return leave(context, sender, message.data);
    case 'reconnect':
      return reconnect(context, sender, message.data);
    case 'rtc':
      return rtc(context, sender, message.data);
    case 'hello':
    case 'close':
    case 'vad':
      return refuseOurs(message.type);
    default:
      message satisfies never;
  }
}

/**
 * Adds a session to a call. Throws if that is refused; the client then gets `close`, unless it has a session of that ID, which
 * continues.
 */
function join(context: ControlContext, sender: Sender, data: JoinData): void {
  const { sessions, link } = context;
  const { sessionID } = data;
  try {
    admit(context, sender, data);
  } catch (error) {
    if (sessionID !== '' && sessions.find(sender.clientID, sessionID) === undefined) {
      link.send(sender, { type: 'close', data: { sessionID } });
    }
    throw error;
  }
}

function admit(context: ControlContext, { connID, clientID }: Sender, data: JoinData): void {
  const { sfu, sessions, draining, maxSessionsPerClient } = context;
  const { callID, userID, sessionID, channelID, av1Support, dcSignaling } = data;
  if (draining.hasBegun && !sfu.sessions(clientID, callID)?.length) {
    throw new ControlError('draining', 'draining: no new calls');
  }
  if (sessions.countOf(clientID) >= maxSessionsPerClient) {
    throw new ControlError('too_many_sessions', `too many sessions of this client (at most ${maxSessionsPerClient})`);
  }
  const props = { channelID, av1Support, dcSignaling };
  const config: SessionConfig = { groupID: clientID, callID, userID, sessionID, props };
  sfu.join(config);
  sessions.add(config, connID);
}

/** Ends a session of the client. `close` follows from the SFU's telling that it is gone. */
function leave({ sfu, sessions }: ControlContext, { clientID }: Sender, { sessionID }: SessionData): void {
  sessions.require(clientID, sessionID);
  sfu.leave(clientID, sessionID);
}

/**
 * From now on the session's messages go to this connection, and what may have been lost on the old one is repeated. For a session
 * that has ended the answer is `close`.
 */
function reconnect({ sessions, reconnects, link }: ControlContext, sender: Sender, { sessionID }: SessionData): void {
  const session = sessions.find(sender.clientID, sessionID);
  if (session === undefined) {
    link.send(sender, { type: 'close', data: { sessionID } });
    return;
  }
  session.connID = sender.connID;
  reconnects.request(session);
}

/** Passes a message on to the SFU. The owner of the session is looked up, not read from the message. */
function rtc({ sfu, sessions }: ControlContext, { clientID }: Sender, message: RtcMessage): void {
  const session = sessions.require(clientID, message.sessionID);
  const { groupID, callID, userID, sessionID } = session.config;
  sfu.receive({ groupID, callID, userID, sessionID, type: message.type, data: message.data });
  if (message.type === RtcMessageType.SDP) session.hasDescription = true;
}
