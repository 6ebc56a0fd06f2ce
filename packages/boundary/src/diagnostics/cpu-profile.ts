import { Session } from 'node:inspector/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** Records a V8 CPU profile of the thread that calls, for DevTools. Ends early if the signal aborts. */
export async function recordCpuProfile(durationMs: number, signal?: AbortSignal): Promise<object> {
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
  }
}
