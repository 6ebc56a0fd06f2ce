import { setTimeout as sleep } from 'node:timers/promises';
import type { Participant } from '@rtcd/rtc/testing';
import { median } from './cpu-time.ts';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import type { BenchRow } from './row.ts';
import { ServerProcess } from './server-process.ts';

const AUDIENCES = [100, 500];
/** Rate of outgoing packets, the same for every audience: what 500 get of a speaker in real time. The one process that plays all the listeners keeps up with it. */
const PACKETS_PER_SECOND = 25_000;
const SAMPLE_MS = 1_000;
const SAMPLES = 9;
const SETTLE_MS = 500;
const PACKETS_PER_SAMPLE = (PACKETS_PER_SECOND * SAMPLE_MS) / 1_000;
const SENDER = 'session-0';

/** CPU of the SFU's process per outgoing packet, from socket to socket: one participant speaks, and all others listen. */
export async function forwardSfu(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const receivers of AUDIENCES) rows.push(...(await measure(receivers)));
  return rows;
}

async function measure(receivers: number): Promise<BenchRow[]> {
  const server = await ServerProcess.start('./sfu-server.ts');
  const joiner = new Joiner(server);
  const sender = await joiner.join({ callID: 'call' });
  const listeners: JoinedParticipant[] = [];
  for (let count = 0; count < receivers; count++) {
    const listener = await joiner.join({ callID: 'call', voice: false });
    await listener.participant.hears(SENDER);
    listeners.push(listener);
  }
  const everyMs = (1_000 * receivers) / PACKETS_PER_SECOND;
  await speak(sender.participant, everyMs); // warms the code up
  await sleep(SETTLE_MS);

  const idle: number[] = [];
  const samples: number[] = [];
  const before = delivered(listeners);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const cost = await cpuOf(server, () => sleep(SAMPLE_MS));
    idle.push(cost);
    samples.push((await cpuOf(server, () => speak(sender.participant, everyMs))) - cost);
  }
  await sleep(SETTLE_MS);
  const arrived = delivered(listeners) - before;
  await server.stop();
  for (const { participant } of [sender, ...listeners]) await participant.close();

  const name = `forward through the whole SFU, 1 sender x ${receivers}`;
  return [
    { name, value: median(samples) / PACKETS_PER_SAMPLE, unit: 'µs CPU/packet', aim: '8 or less' },
    { name: `${name}: arrived`, value: (100 * arrived) / (SAMPLES * PACKETS_PER_SAMPLE), unit: '%', aim: '100' },
    { name: `${name}: while no one speaks`, value: median(idle) / (receivers + 1), unit: 'µs CPU/session/s' },
  ];
}

/** One sample's packets, evenly spread: a sleep that was too long is made up for. */
async function speak(sender: Participant, everyMs: number): Promise<void> {
  const startMs = performance.now();
  for (let packet = 1; packet <= SAMPLE_MS / everyMs; packet++) {
    sender.sendVoice();
    await sleep(Math.max(0, startMs + packet * everyMs - performance.now()));
  }
}

async function cpuOf(server: ServerProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await server.cpuMicroseconds();
  await work();
  return (await server.cpuMicroseconds()) - before;
}

const delivered = (listeners: readonly JoinedParticipant[]): number =>
  listeners.reduce((sum, { participant }) => sum + (participant.received(SENDER)?.packets ?? 0), 0);
