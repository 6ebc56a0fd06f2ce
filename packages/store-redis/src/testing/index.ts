export {
  hasRedisServer,
  type RedisServer,
  type RedisServerOptions,
  type RedisSettings,
  startRedisServer,
} from './redis-server.ts';
