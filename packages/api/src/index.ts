export type { Logger } from '@rtcd/boundary';
export type { SystemInfo, VersionInfo } from '@rtcd/protocol';
export { type Api, type ApiOptions, startApi } from './api.ts';
export { type ApiApp, type ApiAppOptions, createApiApp } from './api-app.ts';
export { ApiError, type ApiErrorCode, type RequestErrorCode, type StartErrorCode } from './errors.ts';
export type {
  ApiCaller,
  ApiHandlers,
  ClientCredentials,
  UpgradeHandler,
} from './handlers.ts';
export type { HttpTimeouts } from './http-server.ts';
export { type ListenAddress, parseListenAddress } from './listen-address.ts';
export type { SourceLimits } from './sources.ts';
export { loadTlsIdentity, type TlsFiles, type TlsIdentity } from './tls/identity.ts';
