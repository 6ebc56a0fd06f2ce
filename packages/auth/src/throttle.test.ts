import { systemClock } from '@rtcd/boundary';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createThrottle } from './throttle.ts';

const ORIGIN = { source: '198.51.100.1', clientID: 'client' };
const OPTIONS = { operationsPerSecond: 24, burst: 1, maxWaitMs: 10_000 } as const;

describe('throttle', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('starts one at once and the others evenly spaced, in order of arrival', async () => {
    const throttle = createThrottle(OPTIONS, systemClock);
    const done: number[] = [];
    for (let caller = 0; caller < 25; caller++) void throttle.run(ORIGIN, async () => {}).then(() => done.push(caller));
    await vi.advanceTimersByTimeAsync(0);
    expect(done).toEqual([0]);
    expect(throttle.waiting).toBe(24);
    await vi.advanceTimersByTimeAsync(501);
    expect(done).toHaveLength(13);
    await vi.advanceTimersByTimeAsync(500);
    expect(done).toEqual(Array.from({ length: 25 }, (_, caller) => caller));
    expect(throttle.waiting).toBe(0);
  });

  it('accumulates no credit while idle: after an hour, still one at a time', async () => {
    const throttle = createThrottle(OPTIONS, systemClock);
    await throttle.run(ORIGIN, async () => {});
    await vi.advanceTimersByTimeAsync(3_600_000);
    let through = 0;
    for (let caller = 0; caller < 5; caller++) void throttle.run(ORIGIN, async () => {}).then(() => through++);
    await vi.advanceTimersByTimeAsync(0);
    expect(through).toBe(1);
  });

  it('refuses at once operations that cannot be served within the wait, and serves all others', async () => {
    const throttle = createThrottle(OPTIONS, systemClock);
    let served = 0;
    let refused = 0;
    for (let caller = 0; caller < 1000; caller++) {
      throttle
        .run(ORIGIN, async () => {})
        .then(
          () => served++,
          (error) => {
            expect(error).toMatchObject({ code: 'throttled', message: 'too many requests at once, try again later' });
            refused++;
          },
        );
    }
    await vi.advanceTimersByTimeAsync(0);
    expect({ refused, waiting: throttle.waiting }).toEqual({ refused: 1000 - 241, waiting: 240 });
    await vi.advanceTimersByTimeAsync(10_001);
    expect(served).toBe(241);
  });

  it('starts no more at a time than allowed, and refuses operations that waited too long', async () => {
    const throttle = createThrottle({ ...OPTIONS, maxConcurrent: 2, maxWaitMs: 1000 }, systemClock);
    const slow = () => new Promise<void>((resolve) => setTimeout(resolve, 600));
    let running = 0;
    let most = 0;
    const results = Promise.allSettled(
      Array.from({ length: 8 }, () =>
        throttle.run(ORIGIN, async () => {
          most = Math.max(most, ++running);
          await slow();
          running--;
        }),
      ),
    );
    await vi.advanceTimersByTimeAsync(5000);
    expect((await results).map(({ status }) => status)).toEqual([
      ...Array.from({ length: 4 }, () => 'fulfilled'),
      ...Array.from({ length: 4 }, () => 'rejected'),
    ]);
    expect(most).toBe(2);
    expect(throttle.waiting).toBe(0);
  });

  it('makes room for a client of another address while one address floods the queue', async () => {
    const throttle = createThrottle(OPTIONS, systemClock);
    const flood = Promise.allSettled(Array.from({ length: 1_000 }, () => throttle.run(ORIGIN, async () => {})));
    let isServed = false;
    void throttle.run({ source: '203.0.113.7', clientID: 'client' }, async () => {
      isServed = true;
    });
    expect(throttle.waiting).toBe(240);
    await vi.advanceTimersByTimeAsync(2_000 / 24 + 1);
    expect(isServed).toBe(true);
    await vi.advanceTimersByTimeAsync(10_001);
    expect((await flood).filter(({ status }) => status === 'fulfilled')).toHaveLength(240);
  });

  it('continues after failed work', async () => {
    const throttle = createThrottle({ ...OPTIONS, maxConcurrent: 1 }, systemClock);
    await expect(throttle.run(ORIGIN, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    const next = throttle.run(ORIGIN, async () => 'done');
    await vi.advanceTimersByTimeAsync(100);
    expect(await next).toBe('done');
  });
});
