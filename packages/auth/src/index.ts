export {
  type Auth,
  type AuthOptions,
  type Caller,
  createAuth,
  DEFAULT_HASH_COST,
  DEFAULT_THROTTLE,
} from './auth.ts';
export { basicAuthorization } from './authorization-header.ts';
export { AuthError, type AuthErrorCode } from './errors.ts';
export { MAX_KEY_BYTES } from './keys.ts';
export type { KeyValueStore, MonotonicClock } from './ports.ts';
export { MAX_CLIENT_ID_BYTES, MIN_KEY_BYTES } from './registrations.ts';
export type { ThrottleOptions } from './throttle.ts';
