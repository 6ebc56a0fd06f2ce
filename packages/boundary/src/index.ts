export { type Check, type Mismatch, validate } from './check.ts';
export * as check from './checks.ts';
export { type Clock, type MonotonicTimers, systemClock, type Timers } from './clock.ts';
export {
  type ConsoleLike,
  consoleLogger,
  type Logger,
  silentLogger,
  type WinstonLike,
  winstonLogger,
} from './logger.ts';
export { type ListenerSource, notifyListeners } from './notify-listeners.ts';
export { sourceNetwork } from './source-network.ts';
export { textOf } from './text-of.ts';
export { TokenBucket, type TokenRate } from './token-bucket.ts';
export { type Line, Turns } from './turns.ts';
