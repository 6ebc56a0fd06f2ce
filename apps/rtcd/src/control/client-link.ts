import { type ClientMessage, encodeClientMessage } from '@rtcd/protocol';
import { WsError } from '@rtcd/ws/server';
import type { Logger } from '../logging/logger.ts';
import type { WsMetrics } from '../metrics/ws-metrics.ts';
import type { Connections, Sender } from './connections.ts';
import type { OutgoingMessage } from './held-back.ts';
import type { ClientSession } from './session-table.ts';

/** The way back to the clients. A message that cannot be sent is logged and lost; it is nobody else's problem. */
export interface ClientLink {
  /** To one connection. */
  send(to: Sender, message: ClientMessage): void;
  /** To wherever the session's client is connected now; if it is away, when it is back. */
  sendFor(session: ClientSession, message: ClientMessage): void;
  /** From now on this session's messages go to this connection, those that were held back first. */
  follow(session: ClientSession, connID: string): void;
}

export interface ClientLinkOptions {
  readonly connections: Connections;
  readonly metrics: WsMetrics;
  readonly logger: Logger;
}

export function createClientLink({ connections, metrics, logger }: ClientLinkOptions): ClientLink {
  /** Says whether there is a connection to send over. */
  function deliver({ connID, clientID }: Sender, { type, bytes }: OutgoingMessage): boolean {
    try {
      connections.send(connID, bytes);
      metrics.messageSent(clientID, type);
      return true;
    } catch (error) {
      if (error instanceof WsError && (error.code === 'unknown_connection' || error.code === 'closed')) {
        return false;
      }
      logger.warn({ connID, clientID, type, reason: (error as Error).message }, 'message to the client is lost');
      return true;
    }
  }

  function deliverFor(session: ClientSession, outgoing: OutgoingMessage): void {
    const { connID, config, heldBack } = session;
    if (!deliver({ connID, clientID: config.groupID }, outgoing)) {
      heldBack.add(outgoing);
    }
  }

  return {
    send(to, message) {
      deliver(to, { type: message.type, bytes: encodeClientMessage(message) });
    },

    sendFor(session, message) {
      deliverFor(session, { type: message.type, bytes: encodeClientMessage(message) });
    },

    follow(session, connID) {
      session.connID = connID;
      for (const outgoing of session.heldBack.take()) {
        deliverFor(session, outgoing);
      }
    },
  };
}
