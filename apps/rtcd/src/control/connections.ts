import type { WsConnection, WsServer } from '@rtcd/ws/server';

/** The part of the WebSocket server that control needs. */
export type Connections = Pick<WsServer, 'on' | 'send'>;

/** Who sent a message. */
export type Sender = Pick<WsConnection, 'connID' | 'clientID'>;
