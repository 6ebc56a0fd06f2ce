export type { Logger, Timers } from '@rtcd/boundary';
export {
  connectWsClient,
  type WsClient,
  type WsClientAuth,
  type WsClientConfig,
  type WsClientEvents,
} from './client/index.ts';
export { WsError, type WsErrorCode } from './errors.ts';
export type { CloseInfo } from './frames.ts';
export {
  createWsServer,
  type WsConnection,
  type WsServer,
  type WsServerEvents,
  type WsServerLimits,
  type WsServerOptions,
} from './server/index.ts';
