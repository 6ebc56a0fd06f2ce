export type { Logger } from '@rtcd/boundary';
export type { IceServer } from './config/ice-servers.ts';
export type { LogLevel } from './config/kinds.ts';
export {
  type ConfigSources,
  DEFAULT_CONFIG_PATH,
  defaultConfig,
  type LoadedConfig,
  loadConfig,
} from './config/load.ts';
export type { Config } from './config/settings.ts';
export { ConfigError, LoggingError } from './errors.ts';
export { type Logging, openLogging } from './logging/logger.ts';
export {
  type ClosableStore,
  createService,
  type Service,
  type ServiceOptions,
} from './service.ts';
export type { ServiceAddresses } from './service-addresses.ts';
export type { OpenSfu, SfuLike, SfuQuestions } from './sfu.ts';
