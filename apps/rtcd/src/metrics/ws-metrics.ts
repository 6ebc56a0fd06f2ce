import { Counter, Gauge, type Registry } from 'prom-client';

/** What happens on the clients' WebSockets. */
export interface WsMetrics {
  connectionOpened(clientID: string): void;
  connectionClosed(clientID: string): void;
  /** Of a message that was understood. */
  messageReceived(clientID: string, type: string): void;
  messageSent(clientID: string, type: string): void;
}

export function createWsMetrics(registry: Registry): WsMetrics {
  const connections = new Gauge({
    name: 'rtcd_ws_connections_total',
    help: 'WebSocket connections now',
    labelNames: ['clientID'],
    registers: [registry],
  });
  const messages = new Counter({
    name: 'rtcd_ws_messages_total',
    help: 'WebSocket messages received and sent',
    labelNames: ['clientID', 'type', 'direction'],
    registers: [registry],
  });
  return {
    connectionOpened: (clientID) => connections.inc({ clientID }),
    connectionClosed: (clientID) => connections.dec({ clientID }),
    messageReceived: (clientID, type) => messages.inc({ clientID, type, direction: 'in' }),
    messageSent: (clientID, type) => messages.inc({ clientID, type, direction: 'out' }),
  };
}
