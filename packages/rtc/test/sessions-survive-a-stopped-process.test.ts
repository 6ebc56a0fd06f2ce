import { createSimulatedNetwork } from '@rtcd/packet-io/testing';
import { afterEach, expect, it } from 'vitest';
import { createDtlsCertificate } from '../src/dtls/crypto/certificate.ts';
import { openSfu, type Sfu } from '../src/index.ts';
import { joinCall, type OpenParticipantIo, type Participant, VirtualTime } from '../src/testing/index.ts';
import { StoppableProcess } from './stoppable-process.ts';

const SFU_ADDRESS = { address: '192.0.2.1', port: 8443 };
const PAUSE_MS = 40_000;

let sfu: Sfu;
const turn = () => new Promise((resolve) => setImmediate(resolve));
afterEach(() => sfu.close());

async function start(bufferPackets?: number) {
  const time = new VirtualTime();
  const network = createSimulatedNetwork({
    seed: 1,
    delayMs: 20,
    scheduler: { now: () => time.nowMs, setTimeout: (run, delayMs) => time.schedule(time.nowMs + delayMs, run) },
  });
  const process = new StoppableProcess(time, bufferPackets);
  const closed: string[] = [];
  sfu = await openSfu({ clock: process.clock, openIo: process.openIo(network, SFU_ADDRESS) });
  sfu.on('sessionClosed', ({ config, reason }) => closed.push(`${config.sessionID}: ${reason}`));
  const { clock } = new StoppableProcess(time);
  const certificate = createDtlsCertificate();
  let addresses = 0;
  const join = async (sessionID: string): Promise<Participant> => {
    const local = { address: `198.18.0.${++addresses}`, port: 0 };
    const openIo: OpenParticipantIo = async (handlers) => network.open({ ...handlers, addresses: [local] });
    let isJoined = false;
    const joining = joinCall(sfu, { sessionID, clock, certificate, openIo }).finally(() => {
      isJoined = true;
    });
    for (; !isJoined; await turn()) time.runFor(5);
    return joining;
  };
  const speak = (participants: readonly Participant[], durationMs: number) => {
    for (let packet = 0; packet < durationMs / 20; packet++) {
      for (const participant of participants) participant.sendVoice();
      time.runFor(20);
    }
  };
  return { time, network, process, closed, join, speak };
}

it.each([
  ['all packets wait in the sockets', undefined],
  ['the sockets hold only those of the first moments', 20],
])('sessions and media continue after a process was stopped for 40 s, if %s', async (_, bufferPackets) => {
  const { time, process, closed, join, speak } = await start(bufferPackets);
  const [ada, grace] = [await join('ada'), await join('grace')];
  time.runFor(7_000);
  process.stop();
  speak([ada, grace], PAUSE_MS);
  process.continue();
  time.runFor(35_000);
  expect(closed).toEqual([]);

  const before = grace.received('ada')!.packets;
  speak([ada], 1_000);
  time.runFor(50);
  expect(grace.received('ada')!.packets - before).toBe(50);
});

it('a peer that vanished meanwhile is given up after 30 s of silence in which the process ran', async () => {
  const { time, process, closed, join } = await start();
  await join('ada');
  const grace = await join('grace');
  time.runFor(7_000);
  process.stop();
  await grace.vanish();
  time.runFor(PAUSE_MS);
  process.continue();
  time.runFor(20_000);
  expect(closed).toEqual([]);
  time.runFor(15_000);
  expect(closed).toEqual(['grace: no ICE consent from the peer for 30 s']);
});

// The second pause ends just when the limit does.
it.each([PAUSE_MS, 8_001, 3_000])(
  'a peer that has not made its offer yet has 10 s for it besides a pause of %i ms',
  async (pauseMs) => {
    const { time, process, closed } = await start();
    const ids = { groupID: 'group', callID: 'call', userID: 'user', sessionID: 'ada' };
    sfu.join({ ...ids, props: { channelID: 'channel', av1Support: false, dcSignaling: false } });
    time.runFor(2_000);
    process.stop();
    time.runFor(pauseMs);
    process.continue();
    time.runFor(7_900);
    expect(closed).toEqual([]);
    time.runFor(5_000);
    expect(closed).toEqual(['ada: no offer from the peer within 10 s']);
  },
);
