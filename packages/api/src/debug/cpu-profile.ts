import { Session } from 'node:inspector/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { ApiError } from '../errors.ts';

/** Records CPU profiles of this process, one at a time. */
export function createCpuProfiler(): (durationMs: number, signal: AbortSignal) => Promise<object> {
  let recording = false;
  return async (durationMs, signal) => {
    if (recording) {
      throw new ApiError('conflict', 'a CPU profile is being recorded already');
    }
    recording = true;
    const session = new Session();
    try {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await wait(durationMs, undefined, { signal }).catch(() => {});
      const { profile } = await session.post('Profiler.stop');
      return profile;
    } finally {
      session.disconnect();
      recording = false;
    }
  };
}
