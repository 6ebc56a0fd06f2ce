import type { Clock } from '../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

const UNIX_START_MS = Date.UTC(2026, 0, 1);

/** A clock of virtual time, with its timers. */
export const virtualClock = (time: VirtualTime): Clock => ({
  nowMs: () => time.nowMs,
  unixMs: () => UNIX_START_MS + time.nowMs,
  setTimer: (callback, delayMs) => time.schedule(time.nowMs + delayMs, callback),
  clearTimer: (cancel) => (cancel as (() => void) | undefined)?.(),
});
