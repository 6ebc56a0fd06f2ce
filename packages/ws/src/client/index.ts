export { WsError, type WsErrorCode } from '../errors.ts';
export type { CloseInfo } from '../frames.ts';
export type { Clock, Logger } from '../ports.ts';
export type { WsClientAuth, WsClientConfig } from './config.ts';
export { createWsClient, type WsClient, type WsClientEvents } from './ws-client.ts';
