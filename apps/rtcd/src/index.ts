export type { Logger } from '@rtcd/boundary';
export { ConfigError } from './config/errors.ts';
export type { IceServer } from './config/ice-servers.ts';
export {
  type ConfigSources,
  DEFAULT_CONFIG_PATH,
  defaultConfig,
  type LoadedConfig,
  loadConfig,
} from './config/load.ts';
export type { LogLevel } from './config/log-level.ts';
export type { Config } from './config/settings.ts';
export { LoggingError } from './logging/errors.ts';
export { createLogging, type Logging } from './logging/logger.ts';
export {
  type ClosableStore,
  createService,
  type Service,
  type ServiceOptions,
} from './service.ts';
export type { ServiceAddresses } from './service-addresses.ts';
export type { CreateSfu, SfuPort } from './sfu-port.ts';
