import { setTimeout as sleep } from 'node:timers/promises';
import type { Participant } from '@rtcd/rtc/testing';
import { median } from './cpu-time.ts';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import type { BenchRow } from './row.ts';
import { ServerProcess } from './server-process.ts';

const AUDIENCES = [100, 500];
/** As Opus packets follow one another. */
const PACKET_EVERY_MS = 20;
const PACKETS_PER_SAMPLE = 50;
const SAMPLES = 9;
const SENDER = 'session-0';

/** CPU of the SFU's process per outgoing packet, from socket to socket: one speaks, and everybody else in the call listens. */
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
  await speak(sender.participant); // warms the code up

  const idle: number[] = [];
  const samples: number[] = [];
  const before = delivered(listeners);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const cost = await cpuOf(server, () => sleep(PACKET_EVERY_MS * PACKETS_PER_SAMPLE));
    idle.push(cost);
    samples.push((await cpuOf(server, () => speak(sender.participant))) - cost);
  }
  const sent = SAMPLES * PACKETS_PER_SAMPLE * receivers;
  const arrived = delivered(listeners) - before;
  await server.stop();
  for (const { participant } of [sender, ...listeners]) await participant.close();

  const name = `forward through the whole SFU, 1 sender x ${receivers}`;
  return [
    { name, value: median(samples) / (PACKETS_PER_SAMPLE * receivers), unit: 'µs CPU/packet', aim: '8 or less' },
    { name: `${name}: arrived`, value: (100 * arrived) / sent, unit: '%', aim: '100' },
    { name: `${name}: the same session idle`, value: median(idle) / (receivers + 1), unit: 'µs CPU/session/s' },
  ];
}

/** One sample's packets in real time: a sleep that was too long is made up for. */
async function speak(sender: Participant): Promise<void> {
  const startMs = performance.now();
  for (let packet = 0; packet < PACKETS_PER_SAMPLE; packet++) {
    sender.sendVoice();
    await sleep(Math.max(0, startMs + (packet + 1) * PACKET_EVERY_MS - performance.now()));
  }
}

async function cpuOf(server: ServerProcess, work: () => Promise<unknown>): Promise<number> {
  const before = await server.cpuMicroseconds();
  await work();
  return (await server.cpuMicroseconds()) - before;
}

const delivered = (listeners: readonly JoinedParticipant[]): number =>
  listeners.reduce((sum, { participant }) => sum + (participant.received(SENDER)?.packets ?? 0), 0);
