import { createFakeClock } from '@rtcd/ws/testing';
import { describe, expect, it } from 'vitest';
import { RtcdClientError } from './errors.ts';
import { aborted, reconnectWaitMs, wait, withDeadline } from './waiting.ts';

describe('reconnectWaitMs', () => {
  it('grows by the interval up to 30 s', () => {
    const waits = Array.from({ length: 17 }, (_, index) => reconnectWaitMs(index + 1, 2000));
    expect(waits.slice(0, 3)).toEqual([2000, 4000, 6000]);
    expect(waits.slice(13)).toEqual([28_000, 30_000, 30_000, 30_000]);
    expect(reconnectWaitMs(5, 7000)).toBe(30_000);
  });
});

describe('wait', () => {
  it('ends when the time has come, and leaves no timer', async () => {
    const clock = createFakeClock();
    const waiting = wait(clock, 1000, new AbortController().signal);
    clock.advance(1000);
    await waiting;
    expect(clock.pendingTimers).toBe(0);
  });

  it('ends early when the signal fires, and leaves no timer', async () => {
    const clock = createFakeClock();
    const controller = new AbortController();
    const waiting = wait(clock, 1000, controller.signal);
    controller.abort('why');
    await expect(waiting).rejects.toMatchObject({ code: 'aborted', cause: 'why' });
    expect(clock.pendingTimers).toBe(0);
    await expect(wait(clock, 1000, controller.signal)).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('withDeadline', () => {
  it('fires the signal it hands out when time is up', async () => {
    const clock = createFakeClock();
    const { promise, reject } = Promise.withResolvers<never>();
    const result = withDeadline(clock, 500, new AbortController().signal, (signal) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      return promise;
    });
    clock.advance(500);
    await expect(result).rejects.toThrow('no response within 500 ms');
  });

  it('leaves no timer when it was fast enough', async () => {
    const clock = createFakeClock();
    expect(await withDeadline(clock, 500, new AbortController().signal, async () => 'done')).toBe('done');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('aborted', () => {
  it('is the reason if that is an error of ours', () => {
    const reason = new RtcdClientError('closed', 'ws client is closed');
    expect(aborted(AbortSignal.abort(reason))).toBe(reason);
  });
});
