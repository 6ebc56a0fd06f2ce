import { createFakeClock } from '@rtcd/ws/testing';
import { expect, it } from 'vitest';
import type { ClientSession } from './client-sessions.ts';
import { Reconnects } from './reconnects.ts';

const session = (sessionID: string): ClientSession => ({
  config: {
    groupID: 'client',
    callID: 'call',
    userID: 'user',
    sessionID,
    props: { channelID: '', av1Support: false, dcSignaling: false },
  },
  connID: 'connection',
  hasDescription: false,
});

function createReconnects() {
  const clock = createFakeClock();
  const resumed: string[] = [];
  const reconnects = new Reconnects(clock, ({ config }) => void resumed.push(config.sessionID));
  return { clock, resumed, reconnects };
}

it('resumes a session at once, and of the reconnects that follow only the last one', () => {
  const { clock, resumed, reconnects } = createReconnects();
  const it = session('a');
  for (let i = 0; i < 40_000; i += 1) reconnects.request(it);
  expect(resumed).toEqual(['a']);
  clock.advance(999);
  expect(resumed).toEqual(['a']);
  clock.advance(1);
  expect(resumed).toEqual(['a', 'a']);
  clock.advance(60_000);
  expect(resumed).toEqual(['a', 'a']);
  expect(clock.pendingTimers).toBe(0);
});

it('makes no session wait for another, nor a later reconnect for an earlier one', () => {
  const { clock, resumed, reconnects } = createReconnects();
  const [a, b] = [session('a'), session('b')];
  reconnects.request(a);
  reconnects.request(b);
  clock.advance(1_000);
  reconnects.request(a);
  expect(resumed).toEqual(['a', 'b', 'a']);
});

it('forgets a session that has ended', () => {
  const { clock, resumed, reconnects } = createReconnects();
  const it = session('a');
  reconnects.request(it);
  reconnects.request(it);
  reconnects.forget(it);
  expect(clock.pendingTimers).toBe(0);
  clock.advance(10_000);
  expect(resumed).toEqual(['a']);
});
