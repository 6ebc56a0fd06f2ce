import { systemClock } from '@rtcd/boundary';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ParticipantError } from './errors.ts';
import { SignalingLock } from './signaling-lock.ts';

function setup() {
  let requests = 0;
  const lock = new SignalingLock(systemClock, { request: () => requests++ });
  return { lock, requests: () => requests };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('the signaling lock', () => {
  it('is requested again 50 ms after it was refused', async () => {
    const { lock, requests } = setup();
    const acquired = lock.acquire();
    expect(lock.onAnswer(false)).toBe(true);
    vi.advanceTimersByTime(49);
    expect(requests()).toBe(1);
    vi.advanceTimersByTime(1);
    expect(requests()).toBe(2);
    expect(lock.onAnswer(true)).toBe(true);
    await acquired;
    vi.advanceTimersByTime(10_000);
    expect(requests()).toBe(2);
  });

  it('is given up after 5 s, and given back if it comes later', async () => {
    const { lock } = setup();
    const acquired = lock.acquire();
    vi.advanceTimersByTime(5_000);
    await expect(acquired).rejects.toMatchObject({ code: 'lock_timeout' });
    expect(lock.onAnswer(true)).toBe(false);
    expect(lock.onAnswer(false)).toBe(true);
  });

  it('is not waited for when the call is left', async () => {
    const { lock } = setup();
    const closed = lock.acquire();
    lock.close(new ParticipantError('closed', 'the call was left'));
    await expect(closed).rejects.toMatchObject({ code: 'closed' });
  });
});
