import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { threadDiagnostics } from '../src/diagnostics/index.ts';

function open() {
  const diagnostics = threadDiagnostics();
  onTestFinished(() => diagnostics.close());
  return diagnostics;
}

it('records a CPU profile that DevTools can read', async () => {
  expect(await open().recordCpuProfile(10)).toMatchObject({ nodes: expect.any(Array), samples: expect.any(Array) });
});

it('ends a profile when its signal aborts', async () => {
  const ended = new AbortController();
  const profile = open().recordCpuProfile(60_000, ended.signal);
  ended.abort();
  expect(await profile).toHaveProperty('nodes');
});

it('takes a heap snapshot', async () => {
  const snapshot = JSON.parse(await text(await open().takeHeapSnapshot()));
  expect(snapshot.snapshot.node_count).toBeGreaterThan(1_000);
});

it('reads the delay of the event loop since the last reading', async () => {
  const diagnostics = open();
  await wait(50);
  const first = await diagnostics.readEventLoopDelay();
  expect(first.samples).toBeGreaterThan(0);
  expect(first.maxMs).toBeGreaterThanOrEqual(first.minMs);
  expect((await diagnostics.readEventLoopDelay()).samples).toBeLessThan(first.samples);
});
