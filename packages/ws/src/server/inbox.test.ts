import { TokenBucket, Turns } from '@rtcd/boundary';
import { expect, it } from 'vitest';
import { createFakeClock } from '../testing/index.ts';
import { Inbox } from './inbox.ts';

/** An inbox with a budget of its own and one that is shared; each message causes the work that its first byte says, in ms. */
function createInbox({ capacity = 10_000 } = {}) {
  const clock = createFakeClock();
  const deferred: Array<() => void> = [];
  const turns = new Turns((turn) => void deferred.push(turn));
  const rate = { capacity, perSecond: 100_000 };
  const shared = new TokenBucket(rate, clock.nowMs());
  const delivered: number[] = [];
  const calls: string[] = [];
  const inbox: Inbox = new Inbox(
    { turns, clock, budgets: [new TokenBucket(rate, clock.nowMs()), shared] },
    {
      pause: () => void calls.push('pause'),
      resume: () => void calls.push('resume'),
      deliver(bytes) {
        delivered.push(bytes[0]!);
        inbox.charge(bytes[0]! * 1000);
      },
    },
  );
  const push = (...values: number[]) => {
    for (const value of values) inbox.push(new Uint8Array([value]));
  };
  const runTurns = () => {
    while (deferred.length > 0) deferred.shift()?.();
  };
  return { inbox, shared, clock, delivered, calls, push, runTurns };
}

it('pauses the socket of a sender that has caused more work than it may, and keeps what has been read', () => {
  const { delivered, calls, push, runTurns } = createInbox();
  push(6, 6, 6, 6);
  runTurns();
  expect(delivered).toEqual([6, 6]);
  expect(calls).toEqual(['pause']);
  push(1);
  runTurns();
  expect(delivered).toEqual([6, 6]);
});

it('continues in order once the budget has refilled', () => {
  const { clock, delivered, calls, push, runTurns } = createInbox();
  push(6, 6, 1, 2);
  runTurns();
  clock.advance(1000);
  runTurns();
  expect(delivered).toEqual([6, 6, 1, 2]);
  expect(calls).toEqual(['pause', 'resume']);
});

it('reads on only once everything that was read has been delivered', () => {
  const { clock, delivered, calls, push, runTurns } = createInbox();
  push(12, 12, 1);
  runTurns();
  expect(delivered).toEqual([12]);
  clock.advance(50);
  runTurns();
  expect(delivered).toEqual([12, 12]);
  expect(calls).toEqual(['pause']);
  clock.advance(1000);
  runTurns();
  expect(delivered).toEqual([12, 12, 1]);
  expect(calls).toEqual(['pause', 'resume']);
});

it('pauses the socket while much waits for its turn, though no budget is overdrawn', () => {
  const { delivered, calls, push, runTurns } = createInbox({ capacity: 1_000_000 });
  push(...Array<number>(200).fill(0));
  expect(calls).toEqual([]);
  push(...Array<number>(100).fill(0));
  expect(calls).toEqual(['pause']);
  runTurns();
  expect(delivered).toHaveLength(300);
  expect(calls).toEqual(['pause', 'resume']);
});

it('waits for the budget that it shares, too, if others overdraw it meanwhile', () => {
  const { shared, clock, delivered, calls, push, runTurns } = createInbox();
  shared.charge(20_000);
  push(1);
  runTurns();
  expect(calls).toEqual(['pause']);
  clock.advance(50);
  shared.charge(10_000);
  clock.advance(60);
  expect(calls).toEqual(['pause']);
  expect(delivered).toEqual([]);
  clock.advance(1000);
  runTurns();
  expect(calls).toEqual(['pause', 'resume']);
  expect(delivered).toEqual([1]);
});

it('ends when all that was sent before has been delivered, and sets no timer after that', () => {
  const { inbox, clock, delivered, calls, push, runTurns } = createInbox();
  push(12, 3);
  runTurns();
  inbox.finish(() => void calls.push('finished'));
  expect(calls).toEqual(['pause']);
  clock.advance(1000);
  runTurns();
  expect(delivered).toEqual([12, 3]);
  expect(calls).toEqual(['pause', 'resume', 'finished']);
  inbox.charge(1_000_000);
  expect(clock.pendingTimers).toBe(0);
});

it('drops what a sender that has closed cannot pay for within two seconds', () => {
  const { inbox, clock, delivered, calls, push, runTurns } = createInbox();
  push(12, 3, 250, 4, 5);
  inbox.finish(() => void calls.push('finished'));
  for (let elapsedMs = 0; elapsedMs < 1_990; elapsedMs += 10) {
    runTurns();
    clock.advance(10);
  }
  expect(delivered).toEqual([12, 3, 250]);
  expect(calls).not.toContain('finished');
  clock.advance(10);
  runTurns();
  expect(delivered).toEqual([12, 3, 250]);
  expect(calls).toEqual(['pause', 'resume', 'finished']);
  expect(clock.pendingTimers).toBe(0);
});
