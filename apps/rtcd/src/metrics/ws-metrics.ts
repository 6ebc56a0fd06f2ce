import { Counter, Gauge, type Registry } from 'prom-client';
import { clientLabel } from './client-label.ts';

/** Metrics of the clients' WebSockets. */
export interface WsMetrics {
  connectionOpened(clientID: string): void;
  connectionClosed(clientID: string): void;
  /** Direction and type of a message that was understood. */
  messageReceived(clientID: string, type: string): void;
  messageSent(clientID: string, type: string): void;
}

/** `hello` and `close` are not among them: existing dashboards do not expect them. */
const COUNTED_TYPES: ReadonlySet<string> = new Set(['join', 'leave', 'reconnect', 'rtc', 'vad']);

export function createWsMetrics(registry: Registry): WsMetrics {
  const connections = new Gauge({
    name: 'rtcd_ws_connections_total',
    help: 'Current number of WebSocket connections',
    labelNames: ['clientID'],
    registers: [registry],
  });
  const messages = new Counter({
    name: 'rtcd_ws_messages_total',
    help: 'WebSocket messages received and sent',
    labelNames: ['clientID', 'type', 'direction'],
    registers: [registry],
  });

  function count(clientID: string, type: string, direction: 'in' | 'out'): void {
    if (COUNTED_TYPES.has(type)) messages.inc({ clientID: clientLabel(clientID), type, direction });
  }

  return {
    connectionOpened: (clientID) => connections.inc({ clientID: clientLabel(clientID) }),
    connectionClosed: (clientID) => connections.dec({ clientID: clientLabel(clientID) }),
    messageReceived: (clientID, type) => count(clientID, type, 'in'),
    messageSent: (clientID, type) => count(clientID, type, 'out'),
  };
}
