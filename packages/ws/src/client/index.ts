export type { Logger, Timers } from '@rtcd/boundary';
export { WsError, type WsErrorCode } from '../errors.ts';
export type { CloseInfo } from '../frames.ts';
export type { WsClientAuth, WsClientConfig } from './config.ts';
export { connectWsClient, type WsClient, type WsClientEvents } from './ws-client.ts';
