export type { Logger, Timers } from '@rtcd/boundary';
export { WsError, type WsErrorCode } from '../errors.ts';
export type { CloseInfo } from '../frames.ts';
export type { WsConnection } from './connection.ts';
export type { WsServerLimits, WsServerOptions } from './options.ts';
export { createWsServer, type WsServer, type WsServerEvents } from './ws-server.ts';
