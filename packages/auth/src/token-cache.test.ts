import { describe, expect, it } from 'vitest';
import { createTokenCache } from './token-cache.ts';

function setUp() {
  const clock = { timeMs: 0, nowMs: () => clock.timeMs };
  return { clock, tokens: createTokenCache(60_000, clock) };
}

describe('token cache', () => {
  it('issues 32 URL-safe characters, never the same twice', () => {
    const { tokens } = setUp();
    const issued = Array.from({ length: 100 }, (_, i) => tokens.issue(`client-${i}`));
    expect(new Set(issued).size).toBe(100);
    for (const token of issued) expect(token).toMatch(/^[A-Za-z0-9_-]{32}$/);
  });

  it('keeps one token per client alive', () => {
    const { tokens } = setUp();
    const first = tokens.issue('a');
    const second = tokens.issue('a');
    const other = tokens.issue('b');
    expect(() => tokens.clientOf(first)).toThrow('token is invalid');
    expect(tokens.clientOf(second)).toBe('a');
    expect(tokens.clientOf(other)).toBe('b');
  });

  it('expires a token after its lifetime, and forgets it', () => {
    const { clock, tokens } = setUp();
    const token = tokens.issue('a');
    clock.timeMs = 60_000;
    expect(tokens.clientOf(token)).toBe('a');
    clock.timeMs = 60_001;
    expect(() => tokens.clientOf(token)).toThrow('session is expired');
    expect(() => tokens.clientOf(token)).toThrow('token is invalid');
  });

  it('voids a revoked token and ignores clients without one', () => {
    const { tokens } = setUp();
    const token = tokens.issue('a');
    tokens.revoke('a');
    tokens.revoke('nobody');
    expect(() => tokens.clientOf(token)).toThrow('token is invalid');
  });
});
