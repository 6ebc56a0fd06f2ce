import type { Logger, Timers } from '@rtcd/boundary';
import {
  type ClientMessage,
  clientMessageType,
  decodeClientMessage,
  type RtcMessage,
  RtcMessageType,
} from '@rtcd/protocol';
import type { WsMetrics } from '../metrics/ws-metrics.ts';
import type { SfuLike } from '../sfu.ts';
import { type Connections, createClientLink } from './client-link.ts';
import { type ControlContext, handleClientMessage, refuseOurs } from './client-messages.ts';
import { type ClientSession, ClientSessions } from './client-sessions.ts';
import type { Draining } from './draining.ts';
import { Reconnects } from './reconnects.ts';
import { createRefusalLog } from './refusals.ts';
import { ABANDONED_SESSION_US, REFUSAL_US, workOf } from './work.ts';

export interface ControlOptions {
  readonly connections: Connections;
  readonly sfu: SfuLike;
  readonly draining: Draining;
  readonly maxSessionsPerClient: number;
  readonly metrics: WsMetrics;
  readonly clock: Timers;
  readonly logger: Logger;
}

/** Connects the clients' WebSockets with the SFU: client messages to the SFU, messages of sessions to clients. */
export function attachControl(options: ControlOptions): void {
  const { connections, sfu, draining, maxSessionsPerClient, metrics, clock, logger } = options;
  const sessions = new ClientSessions();
  const link = createClientLink({ connections, metrics, logger });
  const refusals = createRefusalLog(logger);
  const reconnects = new Reconnects(clock, resume);
  const context: ControlContext = { sfu, sessions, link, draining, reconnects, maxSessionsPerClient };

  connections.on('open', ({ connID, clientID }) => {
    metrics.connectionOpened(clientID);
    logger.info({ connID, clientID }, 'client connected');
    link.opened({ connID, clientID }, { type: 'hello', data: { clientID, connID } });
  });

  connections.on('close', ({ connID, clientID }) => {
    metrics.connectionClosed(clientID);
    link.closed({ connID, clientID });
    refusals.forget(connID);
  });

  connections.on('message', (sender, bytes) => {
    let message: ClientMessage | undefined;
    try {
      refuseOurs(clientMessageType(bytes));
      message = decodeClientMessage(bytes);
      sender.charge(workOf(message));
      metrics.messageReceived(sender.clientID, message.type);
      handleClientMessage(context, sender, message);
      logger.debug(describe(sender, message), 'client message received');
    } catch (error) {
      sender.charge(REFUSAL_US);
      refusals.record(sender, message === undefined ? {} : describe(sender, message), error);
    }
  });

  /** Called by timers, too, where nothing else would catch a refusal. */
  function resume({ config: { groupID, sessionID }, connID }: ClientSession): void {
    try {
      sfu.resume(groupID, sessionID);
    } catch (error) {
      refusals.record({ connID, clientID: groupID }, { groupID, sessionID }, error);
    }
  }

  sfu.on('message', (message) => {
    const session = sessions.find(message.groupID, message.sessionID);
    if (session === undefined) return;
    try {
      link.sendFor(session, toClientMessage(message));
    } catch (error) {
      // Thrown on, it would hit the SFU in the middle of its work.
      const { groupID, callID, sessionID } = session.config;
      logger.error({ groupID, callID, sessionID, err: error }, 'session message dropped: encoding failed');
    }
  });

  sfu.on('refused', ({ groupID, sessionID, error }) => {
    // A session may have ended with what was refused.
    const connID = sessions.find(groupID, sessionID)?.connID ?? '';
    refusals.record({ connID, clientID: groupID }, { groupID, sessionID }, error);
  });

  sfu.on('sessionClosed', ({ config }) => {
    const { groupID, sessionID } = config;
    const session = sessions.remove(groupID, sessionID);
    if (session === undefined) return;
    reconnects.forget(session);
    if (!session.hasDescription) connections.connection(session.connID)?.charge(ABANDONED_SESSION_US);
    link.sendFor(session, { type: 'close', data: { sessionID } });
  });
}

function toClientMessage(message: RtcMessage): ClientMessage {
  const isVoiceActivity = message.type === RtcMessageType.VoiceOn || message.type === RtcMessageType.VoiceOff;
  return { type: isVoiceActivity ? 'vad' : 'rtc', data: message };
}

/** Returns the log fields of a message. */
function describe({ connID, clientID }: { connID: string; clientID: string }, { type, data }: ClientMessage): object {
  return {
    connID,
    groupID: clientID,
    type,
    ...('sessionID' in data && { sessionID: data.sessionID }),
    ...('callID' in data && { callID: data.callID }),
    ...('type' in data && { rtcType: data.type }),
  };
}
