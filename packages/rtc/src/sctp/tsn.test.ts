import { describe, expect, it } from 'vitest';
import { ssnAfter, ssnNext, tsnAdd, tsnAfter, tsnDistance } from './tsn.ts';

describe('TSN arithmetic', () => {
  it('wraps at 32 bits', () => {
    expect(tsnAdd(0xffffffff, 1)).toBe(0);
    expect(tsnAdd(0, -1)).toBe(0xffffffff);
    expect(tsnDistance(0xfffffffe, 3)).toBe(5);
    expect(tsnDistance(3, 0xfffffffe)).toBe(-5);
  });

  it('orders across the wrap', () => {
    expect(tsnAfter(2, 0xfffffff0)).toBe(true);
    expect(tsnAfter(0xfffffff0, 2)).toBe(false);
    expect(tsnAfter(7, 7)).toBe(false);
  });
});

describe('SSN arithmetic', () => {
  it('wraps at 16 bits', () => {
    expect(ssnNext(0xffff)).toBe(0);
    expect(ssnAfter(1, 0xfff0)).toBe(true);
    expect(ssnAfter(0xfff0, 1)).toBe(false);
    expect(ssnAfter(4, 4)).toBe(false);
  });
});
