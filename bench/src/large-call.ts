import { setTimeout as sleep } from 'node:timers/promises';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import type { BenchRow } from './row.ts';
import { ServerProcess } from './server-process.ts';

const CALL_SIZES = (process.env['BENCH_CALL_SIZES'] ?? '100,500').split(',').map(Number);

/** Server CPU of a call that fills up: every participant has a voice, and all are notified of each joiner. */
export async function largeCall(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const size of CALL_SIZES) rows.push(...(await fill(size)));
  return rows;
}

async function fill(size: number): Promise<BenchRow[]> {
  const server = await ServerProcess.start('./sfu-server.ts');
  const joiner = new Joiner(server);
  // One alone, so that compiling is not counted.
  await joiner.leave(await joiner.join());
  const before = await server.cpuMicroseconds();
  const startedMs = performance.now();
  const joined: JoinedParticipant[] = [];
  for (let count = 0; count < size; count++) joined.push(await joiner.join({ callID: 'large' }));
  const joinedMs = performance.now();
  while (joined.some(({ participant }) => participant.senders.length < size - 1)) await sleep(50);
  const settledMs = performance.now();
  const cost = (await server.cpuMicroseconds()) - before;
  await server.stop();
  await Promise.all(joined.map(({ participant }) => participant.close()));
  const name = `${size} join one call, each with a voice`;
  return [
    { name, value: cost / size / 1000, unit: 'ms server CPU/join' },
    { name: `${name}: time to join`, value: (joinedMs - startedMs) / 1000, unit: 's' },
    { name: `${name}: until all hear all`, value: (settledMs - joinedMs) / 1000, unit: 's' },
  ];
}
