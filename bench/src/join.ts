import { RTCPeerConnection } from 'werift';
import { median } from './cpu-time.ts';
import { type JoinedParticipant, Joiner } from './joiner.ts';
import type { BenchRow } from './row.ts';
import { ServerProcess } from './server-process.ts';

/** The code of a server that has been up for a while is compiled and optimized. */
const WARM_UP_BATCHES = 10;
const BATCHES = 11;
const JOINS_PER_BATCH = 40;
const IDLE_SESSIONS = 500;
const CHURN_JOINS = 10_000;

async function sfuJoinMicroseconds(): Promise<number> {
  const server = await ServerProcess.start('./sfu-server.ts');
  const joiner = new Joiner(server);
  const cost = await medianCost(server, async () => {
    const joined = await joiner.join();
    return () => joiner.leave(joined);
  });
  await server.stop();
  return cost;
}

async function weriftJoinMicroseconds(): Promise<number> {
  const server = await ServerProcess.start('./werift-server.ts');
  const clients = new Map<string, RTCPeerConnection>();
  let count = 0;
  server.onMessage((message) => {
    if (message.type !== 'answer') return;
    clients.get(String(message.id))?.setRemoteDescription({ type: 'answer', sdp: String(message.sdp) });
  });
  const cost = await medianCost(server, async () => {
    const id = String(count++);
    const client = new RTCPeerConnection({ iceServers: [] });
    clients.set(id, client);
    const channel = client.createDataChannel('calls-dc');
    const opened = new Promise<void>((resolve) => {
      channel.onopen = () => resolve();
    });
    await client.setLocalDescription(await client.createOffer());
    server.send({ type: 'offer', id, sdp: client.localDescription!.sdp });
    await opened;
    return async () => {
      server.send({ type: 'leave', id });
      await client.close();
      clients.delete(id);
    };
  });
  await server.stop();
  return cost;
}

/** One after the other, after some that warm the code up; leaving is not counted. */
async function medianCost(server: ServerProcess, join: () => Promise<() => Promise<void>>): Promise<number> {
  const samples: number[] = [];
  for (let batch = -WARM_UP_BATCHES; batch < BATCHES; batch++) {
    const before = await server.cpuMicroseconds();
    const leaves: (() => Promise<void>)[] = [];
    for (let index = 0; index < JOINS_PER_BATCH; index++) leaves.push(await join());
    const after = await server.cpuMicroseconds();
    if (batch >= 0) samples.push((after - before) / JOINS_PER_BATCH);
    for (const leave of leaves) await leave();
  }
  return median(samples);
}

/** Server CPU of one full join, ours beside werift's own stack. */
export async function joinCost(): Promise<BenchRow[]> {
  const ours = (await sfuJoinMicroseconds()) / 1000;
  const werift = (await weriftJoinMicroseconds()) / 1000;
  return [
    { name: 'full join', value: ours, unit: 'ms server CPU', aim: '3 or less' },
    { name: 'full join, werift', value: werift, unit: 'ms server CPU' },
    { name: 'full join, werift / ours', value: werift / ours, unit: 'times' },
  ];
}

/** Memory that an idle session keeps, and that is left of many that came and went. */
export async function memory(): Promise<BenchRow[]> {
  const server = await ServerProcess.start('./sfu-server.ts');
  const joiner = new Joiner(server);
  for (let index = 0; index < IDLE_SESSIONS; index++) await joiner.leave(await joiner.join());
  const empty = await server.memoryBytes();
  const emptyResident = await server.residentBytes();
  const joined: JoinedParticipant[] = [];
  for (let index = 0; index < IDLE_SESSIONS; index++) joined.push(await joiner.join());
  const full = await server.memoryBytes();
  const fullResident = await server.residentBytes();
  for (const one of joined) await joiner.leave(one);

  const beforeChurn = await server.memoryBytes();
  for (let index = 0; index < CHURN_JOINS; index++) await joiner.leave(await joiner.join());
  const afterChurn = await server.memoryBytes();
  await server.stop();
  return [
    {
      name: 'idle session',
      value: (full - empty) / IDLE_SESSIONS / 1024,
      unit: 'KiB',
      aim: '150 or less',
    },
    {
      name: 'idle session, resident',
      value: (fullResident - emptyResident) / IDLE_SESSIONS / 1024,
      unit: 'KiB',
      aim: '150 or less',
    },
    {
      name: `left after ${CHURN_JOINS} joins and leaves`,
      value: (afterChurn - beforeChurn) / 1024,
      unit: 'KiB',
      aim: 'about 0',
    },
  ];
}
