import { type Clock, createSfu } from '@rtcd/rtc';
import type { CreateSfu } from '../src/index.ts';

/** Ten seconds of it pass in one. For those limits of the SFU that a test has to wait for. */
export const FAST_CLOCK: Clock = {
  nowMs: () => performance.now() * 10,
  unixMs: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs / 10),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

/** An SFU whose limits are tenths of what they are. */
export const createFastSfu: CreateSfu = (options) => createSfu({ ...options, clock: FAST_CLOCK });
