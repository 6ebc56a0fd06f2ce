import { expect, it } from 'vitest';
import { silentMetrics } from '../ports.ts';
import { balanceGauges } from './balanced-gauges.ts';

it('passes everything on, and ends what has begun, once', () => {
  const calls: string[] = [];
  const record =
    (name: string) =>
    (...args: readonly unknown[]) =>
      void calls.push([name, ...args].join(' '));
  const { metrics, endAll } = balanceGauges({
    ...silentMetrics,
    sessionOpened: record('opened'),
    sessionClosed: record('closed'),
    trackAdded: record('added'),
    trackRemoved: record('removed'),
    clientRtt: record('rtt'),
  });
  metrics.clientRtt('group', 0.2);
  for (const groupID of ['a', 'b', 'b']) metrics.sessionOpened(groupID);
  metrics.sessionClosed('a');
  metrics.trackAdded('b', 'in', 'audio/opus');
  metrics.trackAdded('b', 'out', 'audio/opus');
  metrics.trackRemoved('b', 'in', 'audio/opus');
  expect(calls).toHaveLength(8);
  calls.length = 0;
  endAll();
  expect(calls).toEqual(['removed b out audio/opus', 'closed b', 'closed b']);
  calls.length = 0;
  endAll();
  expect(calls).toEqual([]);
});
