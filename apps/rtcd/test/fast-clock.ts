import { type Clock, openSfu } from '@rtcd/rtc';
import type { OpenSfu } from '../src/index.ts';

/** Ten seconds of it pass in one. For those limits of the SFU that a test has to wait for. */
export const FAST_CLOCK: Clock = {
  nowMs: () => performance.now() * 10,
  unixMs: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs / 10),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** An SFU whose limits are tenths of what they are. */
export const createFastSfu: OpenSfu = (options) => openSfu({ ...options, clock: FAST_CLOCK });
