import { expect, it } from 'vitest';
import type { ConnectionStateType } from '../src/index.ts';
import { silentMetrics } from '../src/ports.ts';
import { SimulatedCall } from '../src/testing/index.ts';

async function startCounting() {
  const states: ConnectionStateType[] = [];
  const metrics = { ...silentMetrics, connectionState: (type: ConnectionStateType) => states.push(type) };
  const call = await SimulatedCall.start({ delayMs: 20, sfu: { metrics } });
  return { call, states };
}

it('of a peer that connects, sends a goodbye, and leaves', async () => {
  const { call, states } = await startCounting();
  const peer = await call.join('peer');
  expect(states).toEqual(['connected']);
  await peer.close();
  call.time.runFor(100);
  expect(states).toEqual(['connected', 'closed']);
  await call.close();
});

it('of a peer that is cut off: after 5 s it counts as disconnected, after 25 s more as failed', async () => {
  const { call, states } = await startCounting();
  await call.join('peer');
  call.network.setConditions({ lossRate: 1 });
  // Its last check was 2.5 s ago at most.
  call.time.runFor(2_400);
  expect(states).toEqual(['connected']);
  call.time.runFor(2_700);
  expect(states).toEqual(['connected', 'disconnected']);
  call.time.runFor(22_300);
  expect(states).toEqual(['connected', 'disconnected']);
  call.time.runFor(2_700);
  expect(states).toEqual(['connected', 'disconnected', 'failed', 'closed']);
  await call.close();
});

it('of a peer that returns in time', async () => {
  const { call, states } = await startCounting();
  await call.join('peer');
  call.network.setConditions({ lossRate: 1 });
  call.time.runFor(10_000);
  call.network.setConditions({ lossRate: 0 });
  call.time.runFor(60_000);
  expect(states).toEqual(['connected', 'disconnected']);
  expect(call.sfu.sessionCount).toBe(1);
  await call.close();
});
