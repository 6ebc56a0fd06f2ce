import { describe, expect, it } from 'vitest';
import { SignalingLock } from './lock.ts';

describe('SignalingLock', () => {
  it('has one holder at a time, which may not take it again', () => {
    const lock = new SignalingLock();
    expect(lock.take('peer', 0)).toBe(true);
    expect(lock.take('peer', 1)).toBe(false);
    expect(lock.take('sfu', 1)).toBe(false);
    expect(lock.release('peer', 2)).toBe(2);
    expect(lock.take('sfu', 2)).toBe(true);
    expect(lock.take('sfu', 3)).toBe(false);
    expect(lock.take('peer', 60_000)).toBe(false);
  });

  it('is freed by its holder alone', () => {
    const lock = new SignalingLock();
    expect(lock.release('peer', 0)).toBeUndefined();
    lock.take('sfu', 0);
    expect(lock.release('peer', 1)).toBeUndefined();
    expect(lock.take('peer', 1)).toBe(false);
    expect(lock.release('sfu', 2)).toBe(2);
  });

  it('expires after 10 s, however often the peer requests it', () => {
    const lock = new SignalingLock();
    lock.take('peer', 0);
    expect(lock.take('peer', 5_000)).toBe(false);
    expect(lock.deadline()).toBe(10_000);
    expect(lock.take('sfu', 9_999)).toBe(false);
    expect(lock.take('sfu', 10_000)).toBe(true);
    expect(lock.deadline()).toBe(Number.POSITIVE_INFINITY);
  });
});
