import type { EventEmitter } from 'node:events';
import { type Logger, textOf } from '@rtcd/boundary';
import { type ClientMessage, encodeClientMessage } from '@rtcd/protocol';
import { type WsConnection, WsError, type WsServer, type WsServerEvents } from '@rtcd/ws/server';
import type { WsMetrics } from '../metrics/ws-metrics.ts';
import type { ClientSession } from './client-sessions.ts';
import { HeldBack, type OutgoingMessage } from './held-back.ts';

/** Close code of a server that is overloaded by a connection (IANA's registry of WebSocket close codes). */
const TRY_AGAIN_LATER = 1013;

/** The part of the WebSocket server that control needs. */
export type Connections = Pick<EventEmitter<WsServerEvents>, 'on'> & Pick<WsServer, 'send' | 'connection'>;

/** Sender of a message. */
export type Sender = Pick<WsConnection, 'connID' | 'clientID'>;

/** The way back to the clients. A message that cannot be sent is logged and lost, and affects no other message. */
export interface ClientLink {
  /** A connection has opened: it gets this message first, then everything held back for its client. */
  opened(connection: Sender, hello: ClientMessage): void;
  closed(connection: Sender): void;
  /** To one connection. */
  send(to: Sender, message: ClientMessage): void;
  /**
   * To the session's connection; if that is gone, to another one of the same client, which the session stays with; if there is
   * none, to the next one that opens.
   */
  sendFor(session: ClientSession, message: ClientMessage): void;
}

export interface ClientLinkOptions {
  readonly connections: Connections;
  readonly metrics: WsMetrics;
  readonly logger: Logger;
}

export function createClientLink({ connections, metrics, logger }: ClientLinkOptions): ClientLink {
  const live = new LiveConnections();
  const heldBack = new HeldBack();

  /** Returns false if the connection is gone. */
  function deliver({ connID, clientID }: Sender, { type, bytes }: OutgoingMessage): boolean {
    try {
      connections.send(connID, bytes);
      metrics.messageSent(clientID, type);
      return true;
    } catch (error) {
      if (error instanceof WsError && (error.code === 'unknown_connection' || error.code === 'closed')) return false;
      logger.warn({ connID, clientID, type, reason: textOf(error) }, 'message to client lost');
      if (error instanceof WsError && error.code === 'queue_full') closeSlowest(clientID);
      return true;
    }
  }

  /** A client that misses messages had better connect again than hold memory for what it does not read. */
  function closeSlowest(clientID: string): void {
    const open = live.of(clientID).flatMap((connID) => connections.connection(connID) ?? []);
    const [slowest] = open.toSorted((a, b) => b.queuedBytes - a.queuedBytes);
    slowest?.close(TRY_AGAIN_LATER, 'too many messages are waiting to be read');
  }

  /** The first of a client's connections that is not gone. */
  function deliverToAny(clientID: string, outgoing: OutgoingMessage): string | undefined {
    return live.of(clientID).find((connID) => deliver({ connID, clientID }, outgoing));
  }

  const link: ClientLink = {
    opened(connection, hello) {
      live.add(connection);
      link.send(connection, hello);
      for (const outgoing of heldBack.take(connection.clientID)) deliver(connection, outgoing);
    },

    closed(connection) {
      live.remove(connection);
    },

    send(to, message) {
      deliver(to, { type: message.type, bytes: encodeClientMessage(message) });
    },

    sendFor(session, message) {
      const { groupID: clientID } = session.config;
      const outgoing = { type: message.type, bytes: encodeClientMessage(message) };
      if (deliver({ connID: session.connID, clientID }, outgoing)) return;
      const connID = deliverToAny(clientID, outgoing);
      if (connID === undefined) {
        heldBack.add(clientID, outgoing);
      } else {
        session.connID = connID;
      }
    },
  };
  return link;
}

/** The open connections of each client. */
class LiveConnections {
  /** Connection IDs in the order in which they opened. */
  readonly #clients = new Map<string, Set<string>>();

  add({ clientID, connID }: Sender): void {
    const connIDs = this.#clients.get(clientID);
    if (connIDs === undefined) {
      this.#clients.set(clientID, new Set([connID]));
    } else {
      connIDs.add(connID);
    }
  }

  remove({ clientID, connID }: Sender): void {
    const connIDs = this.#clients.get(clientID);
    connIDs?.delete(connID);
    if (connIDs?.size === 0) this.#clients.delete(clientID);
  }

  /** Newest first. Of two, the older is more likely to be one that has broken without a trace yet. */
  of(clientID: string): readonly string[] {
    return [...(this.#clients.get(clientID) ?? [])].reverse();
  }
}
