import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import {
  decodeSessionDescription,
  encodeDataChannelMessage,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseStunMessage } from '../src/stun/message.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';

let call: SimulatedCall;
let stays: Participant;
let moves: Participant;
let seen: ObservedDatagram[];
let bugs: unknown[];
let tamper: (description: SessionDescription) => SessionDescription | undefined;
let lastWords: SessionDescription;

beforeEach(async () => {
  seen = [];
  bugs = [];
  tamper = (description) => description;
  const error = (fields: object) => bugs.push(fields);
  const logger = { debug() {}, info() {}, warn() {}, error, child: () => logger };
  call = await SimulatedCall.start({ delayMs: 20, onTransmit: (observed) => seen.push(observed), sfu: { logger } });
  stays = await call.join('stays');
  moves = await call.join('moves', {
    dcSignaling: true,
    tamper: (description) => {
      lastWords = description;
      return tamper(description);
    },
  });
  call.time.runFor(500);
  call.speak([stays, moves], 400);
  call.time.runFor(50);
});

afterEach(async () => {
  await call.close();
  expect(bugs).toEqual([]);
});

/** Both hear every packet of each other, and the data channel works, for a second of talk. */
async function expectWhole(): Promise<void> {
  call.time.runFor(8_000); // A path that nobody checks is not taken for alive any more.
  expect(call.sfu.sessionCount).toBe(2);
  const before = [moves.received('stays')!.packets, stays.received('moves')!.packets];
  call.speak([stays, moves], 1_000);
  call.time.runFor(50);
  expect([moves.received('stays')!.packets, stays.received('moves')!.packets]).toEqual(
    before.map((count) => count + 50),
  );
  const guest = await call.join(`guest-${call.time.nowMs}`);
  call.time.runFor(500);
  expect(moves.senders).toHaveLength(2);
  await guest.close();
  call.time.runFor(500);
  expect(moves.senders).toEqual(['stays']);
}

/** The remote addresses to which the SFU sent RTP since then. */
const mediaGoesTo = (sinceMs: number) =>
  new Set(
    seen
      .filter(({ from, datagram, atMs }) => {
        return atMs >= sinceMs && from.address === call.sfuAddress.address && classify(datagram) === 'rtp';
      })
      .map(({ to }) => to.address),
  );

/** Owners of the ufrags in the checks that came from an address since then. */
const ufragsChecked = (sinceMs: number, address: string) =>
  new Set(
    seen
      .filter(
        ({ from, datagram, atMs }) => atMs >= sinceMs && from.address === address && classify(datagram) === 'stun',
      )
      .map(({ datagram }) => parseStunMessage(Buffer.from(datagram))?.username?.split(':')[0]),
  );

describe('a peer whose path breaks', () => {
  it('gets no media until it checks a path, and then gets all of it again', async () => {
    const sinceMs = call.time.nowMs;
    const { from } = seen.find(({ from: { address } }) => address === '198.18.0.2')!;
    call.network.breakPath(call.sfuAddress, from);
    call.speak([stays], 20);
    expect(mediaGoesTo(sinceMs)).toEqual(new Set());
    await expectWhole();
    expect(mediaGoesTo(sinceMs)).toContain('198.18.0.2');
  });
});

describe('a peer that moves to another address', () => {
  it('is followed by its media, without a gap', async () => {
    await moves.moveTo(call.newAddress());
    call.time.runFor(100);
    const sinceMs = call.time.nowMs;
    await expectWhole();
    expect(stays.received('moves')).toMatchObject({ gaps: 0, corrupt: 0 });
    expect(moves.received('stays')).toMatchObject({ gaps: 0, corrupt: 0 });
    expect(mediaGoesTo(sinceMs)).toContain('198.18.0.3');
    expect(mediaGoesTo(sinceMs)).not.toContain('198.18.0.2');
  });

  it('may do so repeatedly', async () => {
    for (let round = 0; round < 20; round++) {
      await moves.moveTo(call.newAddress());
      call.time.runFor(300);
    }
    await expectWhole();
  });

  it('is found again after 20 s without any network', async () => {
    call.network.setConditions({ lossRate: 1 });
    call.time.runFor(20_000);
    call.network.setConditions({ lossRate: 0 });
    await moves.moveTo(call.newAddress());
    call.time.runFor(3_000);
    await expectWhole();
  });
});

describe.each([
  ['all checks', false],
  ['only its first check', true],
])('a peer whose NAT assigns another port, with a nomination in %s', (_, nominatesOnce) => {
  it('is followed a round trip after its next check, and not by media alone', async () => {
    const address = '198.18.7.7';
    const atPort = (port: number) => async (handlers: Parameters<Parameters<typeof moves.moveTo>[0]>[0]) =>
      call.network.open({ ...handlers, addresses: [{ address, port }] });
    const mapped = await call.join('mapped', { openIo: atPort(1_000), nominatesOnce });
    call.time.runFor(3_000);
    call.speak([stays, mapped], 400);
    const fromPort = (port: number) => seen.filter(({ from }) => from.address === address && from.port === port);
    const toPort = (port: number) =>
      seen.filter(({ to, datagram }) => to.address === address && to.port === port && classify(datagram) === 'rtp');

    const voice = fromPort(1_000).findLast(({ datagram }) => classify(datagram) !== 'stun')!;
    call.network.inject(voice.datagram, { address, port: 2_000 }, call.sfuAddress);
    call.speak([stays, mapped], 1_000);
    expect(toPort(2_000)).toEqual([]);

    await mapped.moveTo(atPort(2_000));
    const movedMs = call.time.nowMs;
    call.speak([stays, mapped], 200);
    // The check takes 20 ms, and ours and its answer 40 ms.
    expect(toPort(2_000)[0]!.atMs - movedMs).toBeLessThanOrEqual(80);
    await mapped.close();
    call.time.runFor(100);
    await expectWhole();
  });
});

describe('a peer that sleeps', () => {
  it('keeps its call if it is back within 30 s, at the same address', async () => {
    call.network.setConditions({ lossRate: 1 });
    call.time.runFor(20_000);
    call.network.setConditions({ lossRate: 0 });
    call.time.runFor(3_000);
    await expectWhole();
  });

  it('has withdrawn its consent after 30 s: its session ends, and nothing is sent to it any more', async () => {
    const closed: string[] = [];
    call.sfu.on('sessionClosed', ({ config, reason }) => closed.push(`${config.sessionID}: ${reason}`));
    await moves.vanish();
    // Its last check was up to 2.5 s ago.
    call.time.runFor(27_000);
    expect(closed).toEqual([]);
    call.time.runFor(4_000);
    expect(closed).toEqual(['moves: no ICE consent from the peer for 30 s']);
    const sinceMs = call.time.nowMs;
    call.speak([stays], 400);
    expect(mediaGoesTo(sinceMs)).toEqual(new Set());
  });
});

describe('an ICE restart', () => {
  it('changes both sides’ credentials, and nothing else', async () => {
    const [before] = ufragsChecked(0, '198.18.0.2');
    moves.restartIce();
    call.time.runFor(200);
    const sinceMs = call.time.nowMs;
    await expectWhole();
    call.time.runFor(5_000);
    const [after, ...others] = ufragsChecked(sinceMs, '198.18.0.2');
    expect(after).not.toBe(before);
    expect(others).toEqual([]);
    expect(stays.received('moves')).toMatchObject({ gaps: 0, corrupt: 0 });
  });

  it('leaves the old credentials valid until the new ones are used, for as long as that takes', async () => {
    tamper = ({ type, sdp }) => ({ type, sdp: sdp.replaceAll(/a=ice-ufrag:.*/g, 'a=ice-ufrag:another') });
    // The answer is taken for one without a restart, as the participant itself has none in mind.
    moves.publishVoice();
    tamper = (description) => description;
    call.time.runFor(60_000);
    expect(call.sfu.session('group', 'call', 'moves')).toBeDefined();
    call.speak([stays], 1_000);
    call.time.runFor(50);
    expect(moves.received('stays')).toMatchObject({ packets: 70, gaps: 0, corrupt: 0 });
  });

  it('voids the old credentials once the new ones are used', async () => {
    const oldCheck = seen.findLast(
      ({ from, datagram }) => from.address === '198.18.0.2' && classify(datagram) === 'stun',
    )!;
    moves.restartIce();
    call.time.runFor(1_000);
    const sinceMs = call.time.nowMs;
    call.network.inject(oldCheck.datagram, { address: '203.0.113.9', port: 9 }, call.sfuAddress);
    call.time.runFor(100);
    expect(seen.filter(({ to, atMs }) => atMs >= sinceMs && to.address === '203.0.113.9')).toEqual([]);
    await expectWhole();
  });

  it('is combined with a change of address', async () => {
    await moves.moveTo(call.newAddress());
    moves.restartIce();
    call.time.runFor(500);
    await expectWhole();
  });

  it('may replace one that was never completed', async () => {
    for (let round = 0; round < 4; round++) {
      const sdp = lastWords.sdp.replaceAll(/a=ice-ufrag:.*/g, `a=ice-ufrag:another${round}`);
      moves.sendRawMessage(encodeDataChannelMessage({ type: 'sdp', description: { type: 'offer', sdp } }));
      call.time.runFor(200);
    }
    moves.restartIce();
    call.time.runFor(500);
    await expectWhole();
  });

  it('is answered over the same route', async () => {
    const answers: string[] = [];
    call.sfu.on('message', ({ sessionID, type, data }) => {
      if (type === RtcMessageType.SDP) answers.push(`${sessionID} ${decodeSessionDescription(data).type}`);
    });
    stays.restartIce();
    moves.restartIce();
    call.time.runFor(500);
    expect(answers).toEqual(['stays answer']);
    await expectWhole();
  });
});
