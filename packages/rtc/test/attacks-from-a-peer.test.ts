import { deflateSync } from 'node:zlib';
import type { ObservedDatagram } from '@rtcd/packet-io/testing';
import {
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeSessionDescription,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RtcError } from '../src/index.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';

/** Everything here is done by somebody who was let in, is connected, and speaks to us in the right protocols. */
let call: SimulatedCall;
let alice: Participant;
let bob: Participant;
let mallory: Participant;
/** Last description from mallory's browser before it was tampered with. */
let lastWords: SessionDescription;
/** Changes made to its next ones. */
let tamper: (description: SessionDescription) => SessionDescription | undefined;
let bugs: unknown[];
let logLines: number;
/** All that travelled, as somebody on the path sees it. */
let seen: ObservedDatagram[];
/** Offers that the SFU made, by session. */
let offers: Map<string, string[]>;

const asItIs = (description: SessionDescription) => description;

beforeEach(async () => {
  tamper = asItIs;
  bugs = [];
  logLines = 0;
  offers = new Map();
  seen = [];
  const count = () => {
    logLines += 1;
  };
  const logger = {
    debug() {},
    info: count,
    warn: count,
    error: (fields: object) => bugs.push(fields),
    child: () => logger,
  };
  call = await SimulatedCall.start({ delayMs: 10, onTransmit: (observed) => seen.push(observed), sfu: { logger } });
  call.sfu.on('message', ({ sessionID, type, data }) => {
    if (type !== RtcMessageType.SDP) return;
    const { type: kind, sdp } = decodeSessionDescription(data);
    if (kind === 'offer') offers.set(sessionID, [...(offers.get(sessionID) ?? []), sdp]);
  });
  alice = await call.join('alice');
  bob = await call.join('bob');
  mallory = await call.join('mallory', {
    dcSignaling: true,
    tamper: (description) => {
      lastWords = description;
      return tamper(description);
    },
  });
  call.time.runFor(1_000);
  call.speak([alice, bob], 100);
  offers.clear();
  logLines = 0;
});

afterEach(() => call.close());

/** Alice and bob hear each other without a gap, nobody but mallory is gone, and nothing of ours was thrown. */
function expectUnharmed(): void {
  const before = [bob.received('alice')!.packets, alice.received('bob')!.packets];
  call.time.runFor(100);
  call.speak([alice, bob], 200);
  call.time.runFor(100);
  expect([bob.received('alice')!.packets, alice.received('bob')!.packets]).toEqual(before.map((count) => count + 10));
  expect(bob.received('alice')).toMatchObject({ gaps: 0, corrupt: 0 });
  expect(alice.received('bob')).toMatchObject({ gaps: 0, corrupt: 0 });
  expect(call.sfu.session('group', 'call', 'alice')).toBeDefined();
  expect(call.sfu.session('group', 'call', 'bob')).toBeDefined();
  expect(bugs).toEqual([]);
}

/** Addresses go by the order of joining. */
const isFrom = (who: 'alice' | 'bob' | 'mallory', { address }: { readonly address: string }) =>
  address === `198.18.0.${['alice', 'bob', 'mallory'].indexOf(who) + 1}`;
const addressOf = (who: 'alice' | 'bob' | 'mallory') => seen.find(({ from }) => isFrom(who, from))!.from;

const isConnected = () => call.sfu.session('group', 'call', 'mallory') !== undefined;
const sectionsIn = (sdp: string) => sdp.match(/^m=/gm)?.length ?? 0;

/** By the client that relays for mallory. It may be refused, in the way that clients are told of. */
function sendByClient(type: RtcMessageType, data: Uint8Array): void {
  try {
    call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'mallory', type, data });
  } catch (error) {
    if (!(error instanceof RtcError)) throw error;
  }
}

const sdpMessage = (description: SessionDescription) => encodeDataChannelMessage({ type: 'sdp', description });

function sendBothWays(description: SessionDescription): void {
  sendByClient(RtcMessageType.SDP, encodeSessionDescription(description));
  if (isConnected()) mallory.sendRawMessage(sdpMessage(description));
}

/** A MessagePack SDP message around bytes that no encoder of ours would make. */
const compressed = (bytes: Uint8Array) =>
  Buffer.concat([Buffer.from([3, 0xc6]), Buffer.from(Uint32Array.of(bytes.length).buffer).swap32(), bytes]);

const manySections = (count: number): SessionDescription => {
  const section = (mid: number) =>
    `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:x${mid}\r\na=rtpmap:111 opus/48000/2\r\na=ssrc:${mid + 1} cname:m\r\n`;
  const mids = Array.from({ length: count }, (_, mid) => mid);
  return {
    type: 'offer',
    sdp: bundling(
      lastWords.sdp,
      mids.map((mid) => `x${mid}`),
    ).concat(...mids.map(section)),
  };
};

/** With more sections in the BUNDLE. */
const bundling = (sdp: string, mids: readonly string[]) => sdp.replace(/a=group:BUNDLE.*/, `$& ${mids.join(' ')}`);

describe('nobody is harmed by a peer that sends', () => {
  it('descriptions truncated anywhere, as text and on the wire, both ways', () => {
    const description: SessionDescription = { type: 'offer', sdp: lastWords.sdp };
    const message = sdpMessage(description);
    for (let length = 0; length < message.length; length += 5) mallory.sendRawMessage(message.subarray(0, length + 1));
    for (let length = 1; length < description.sdp.length; length += 11) {
      sendBothWays({ type: 'offer', sdp: description.sdp.slice(0, length) });
      sendBothWays({ type: 'answer', sdp: description.sdp.slice(0, length) });
      call.time.runFor(5);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
    expect(logLines).toBeLessThan(100);
  });

  it('descriptions of 1 MiB, of thousands of sections, of none', () => {
    for (const description of [manySections(3_000), manySections(2_040), manySections(100), manySections(31)]) {
      sendBothWays(description);
      sendBothWays({ ...description, type: 'answer' });
      call.time.runFor(200);
    }
    sendBothWays({ type: 'offer', sdp: 'v=0\r\n' });
    sendBothWays({ type: 'offer', sdp: 'a'.repeat(1_000_000) });
    sendBothWays({
      type: 'offer',
      sdp: lastWords.sdp.padEnd(1_000_000, 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n'),
    });
    call.time.runFor(5_000);
    expectUnharmed();
    expect(isConnected()).toBe(true);
    expect(Math.max(0, ...(offers.get('alice') ?? []).map(sectionsIn))).toBeLessThan(20);
  });

  it('more sections than it can have: refused by their count, not read', () => {
    const send = (count: number) =>
      call.sfu.receive({
        groupID: 'group',
        callID: 'call',
        userID: '',
        sessionID: 'mallory',
        type: RtcMessageType.SDP,
        data: encodeSessionDescription(manySections(count)),
      });
    // Two of ours, for alice and bob.
    expect(() => send(600)).toThrow('invalid SDP: more than 514 media sections');
    mallory.sendRawMessage(sdpMessage(manySections(600)));
    call.time.runFor(1_000);
    expect(call.sfu.inspect('group', 'mallory').sections.length).toBeLessThan(10);
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it('compressed data that grows a thousandfold, is truncated, or is invalid', () => {
    const bomb = deflateSync(Buffer.alloc(50 << 20));
    for (let round = 0; round < 20; round++) {
      mallory.sendRawMessage(compressed(bomb.subarray(0, 60_000)));
      mallory.sendRawMessage(compressed(deflateSync(Buffer.alloc(1 << 20, 'x'))));
      mallory.sendRawMessage(compressed(bomb.subarray(0, round)));
      mallory.sendRawMessage(compressed(Buffer.alloc(1_000, round)));
      call.time.runFor(500);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it('random bytes and texts', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.string({ minLength: 1 })), (data) => {
        mallory.sendRawMessage(data);
        call.time.runFor(1);
      }),
      { numRuns: 500 },
    );
    call.time.runFor(1_000);
    expectUnharmed();
    expect(isConnected()).toBe(true);
    expect(logLines).toBeLessThan(200);
  });

  it('the largest messages, and larger ones', () => {
    for (const length of [1_000, 65_535, 65_536]) mallory.sendRawMessage(Buffer.alloc(length, 0x93));
    call.time.runFor(1_000);
    expect(isConnected()).toBe(true);
    mallory.sendRawMessage(Buffer.alloc(65_537, 1));
    call.time.runFor(1_000);
    expectUnharmed();
  });

  it('RTP of unknown sources, without end', () => {
    const packet = Buffer.alloc(60, 1);
    packet.set([0x80, 111]);
    for (let ssrc = 1; ssrc <= 3_000; ssrc++) {
      packet.writeUInt32BE(ssrc * 7_919, 8);
      mallory.sendRawRtp(packet);
      if (ssrc % 100 === 0) call.time.runFor(5);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it('RTP with false headers, of unknown payload types, and of no and the largest size', () => {
    mallory.sendVoice();
    const ssrc = Number(/a=ssrc:(\d+)/.exec(lastWords.sdp)![1]);
    let sequenceNumber = 100;
    const send = (first: number, second: number, rest: Uint8Array) => {
      const packet = Buffer.concat([Buffer.alloc(12), rest]);
      packet[0] = first;
      packet[1] = second;
      packet.writeUInt16BE(sequenceNumber++, 2);
      packet.writeUInt32BE(sequenceNumber * 960, 4);
      packet.writeUInt32BE(ssrc, 8);
      mallory.sendRawRtp(packet);
    };
    const rests = [
      Buffer.alloc(0),
      Buffer.from([0xff]),
      Buffer.alloc(40, 0xff),
      Buffer.from([0xbe, 0xde, 0xff, 0xff, 0x10, 0x20]),
      Buffer.from([0xbe, 0xde, 0, 1, 0x1f, 0x20, 0, 0]),
      Buffer.from([0xbe, 0xde, 0, 1, 0x11, 0, 0x11, 0]),
      Buffer.from([0x10, 0, 0, 1, 1, 0, 1, 0]),
      Buffer.from([0x10, 0, 0, 1, 0, 0, 1, 0]),
      Buffer.from([0x10, 0, 0, 1, 1, 200, 1, 0]),
      Buffer.alloc(1_300, 0x33),
    ];
    for (const rest of rests) {
      for (let low = 0; low < 64; low++) send(0x80 | low, 111, rest);
      for (const payloadType of [0, 45, 96, 110, 127, 239]) send(0x80, payloadType, rest);
      call.time.runFor(20);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it('RTCP of every type, count and length, true and false', () => {
    for (let type = 192; type <= 223; type++) {
      for (let count = 0; count < 32; count++) {
        const packet = Buffer.alloc(8 + ((type * 5 + count * 3) % 120) * 4, 0x81 + count);
        packet.set([0x80 | count | (type % 3 === 0 ? 0x20 : 0), type]);
        packet.writeUInt16BE(count % 5 === 0 ? 0xffff : packet.length / 4 - 1, 2);
        mallory.sendRawRtcp(packet);
      }
      call.time.runFor(5);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it("its own checks from another host's address", () => {
    const own = seen.findLast(({ from, datagram }) => isFrom('mallory', from) && classify(datagram) === 'stun')!;
    call.network.inject(own.datagram, addressOf('alice'), call.sfuAddress);
    expectUnharmed();
  });

  it('mute, unmute and screens, without end and without sense', () => {
    const screen = (id: string) => Buffer.from(JSON.stringify({ screenStreamID: id }));
    for (let round = 0; round < 500; round++) {
      sendByClient(RtcMessageType.Mute, new Uint8Array());
      sendByClient(RtcMessageType.ScreenOn, screen(`screen-${round}`));
      sendByClient(RtcMessageType.ScreenOn, screen('x'.repeat(5_000)));
      sendByClient(RtcMessageType.ScreenOff, new Uint8Array());
      sendByClient(RtcMessageType.Unmute, new Uint8Array());
      sendByClient(RtcMessageType.VoiceOn, new Uint8Array());
      sendByClient(RtcMessageType.ICE, Buffer.from('{"candidate":"x"}'));
    }
    call.time.runFor(1_000);
    expectUnharmed();
  });
});

describe('nobody is harmed by a peer that negotiates', () => {
  it('without end: what it has us do is bounded', () => {
    const inactive = (description: SessionDescription) => ({
      ...description,
      sdp: description.sdp.replaceAll('a=sendonly', 'a=inactive'),
    });
    const talking = { ...lastWords, type: 'offer' as const };
    for (let round = 0; round < 2_000; round++) {
      sendBothWays(round % 2 === 0 ? inactive(talking) : talking);
      call.time.runFor(5);
    }
    call.time.runFor(2_000);
    expectUnharmed();
    // 10 s of toggling its voice as fast as it can.
    expect(offers.get('alice')?.length).toBeGreaterThan(2);
    expect(offers.get('alice')?.length).toBeLessThan(60);
    expect(logLines).toBeLessThan(300);
  });

  it('new ICE credentials in a loop', () => {
    for (let round = 0; round < 500; round++) {
      const sdp = lastWords.sdp.replaceAll(/a=ice-ufrag:.*/g, `a=ice-ufrag:ufrag${round}`);
      sendBothWays({ type: 'offer', sdp });
      call.time.runFor(10);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
  });

  it('locks, unlocks and pings in a flood', () => {
    let answers = 0;
    mallory.on('lock', () => {
      answers += 1;
    });
    for (let round = 0; round < 3_000; round++) {
      mallory.requestLock();
      if (round % 3 === 0) mallory.releaseLock();
      mallory.ping();
      mallory.sendRawMessage('ping');
      if (round % 10 === 0) call.time.runFor(5);
    }
    call.time.runFor(1_000);
    expectUnharmed();
    expect(isConnected()).toBe(true);
    expect(answers).toBeGreaterThan(100);
  });

  it('the SSRC of another section, and that of another session', async () => {
    const ssrcOf = (sdp: string) => Number(/a=ssrc:(\d+)/.exec(sdp)![1]);
    const own = ssrcOf(lastWords.sdp);
    const section = (mid: string, ssrc: number) =>
      `m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:${mid}\r\na=rtpmap:111 opus/48000/2\r\na=msid:s t\r\na=ssrc:${ssrc} cname:m\r\n`;
    // Its own twice, and the one that alice's browser has chosen, in one offer.
    let alicesVoice = '';
    const eve = await call.join('eve', {
      tamper: (description) => {
        alicesVoice = description.sdp;
        return description;
      },
    });
    call.time.runFor(1_000);
    const sdp = `${bundling(lastWords.sdp, ['90', '91'])}${section('90', own)}${section('91', ssrcOf(alicesVoice))}`;
    sendBothWays({ type: 'offer', sdp });
    call.time.runFor(1_000);
    call.speak([mallory, eve], 400);
    call.time.runFor(100);
    expect(alice.received('eve')).toMatchObject({ packets: 20, gaps: 0, corrupt: 0 });
    expectUnharmed();
    // However many sections it has, a session has one voice.
    expect(alice.senders.filter((sender) => sender === 'mallory')).toHaveLength(1);
  });

  it('never: its session and its media continue', async () => {
    tamper = () => undefined;
    for (let round = 0; round < 4; round++) {
      const guest = await call.join(`guest-${round}`);
      call.time.runFor(30_000);
      await guest.close();
    }
    call.time.runFor(60_000);
    expectUnharmed();
    expect(isConnected()).toBe(true);
    call.speak([mallory], 200);
    call.time.runFor(100);
    expect(alice.received('mallory')).toMatchObject({ packets: 10, gaps: 0, corrupt: 0 });
  });

  it('while it holds the lock forever', async () => {
    mallory.requestLock();
    await call.join('guest');
    for (let second = 0; second < 60; second++) {
      mallory.requestLock();
      call.time.runFor(1_000);
    }
    expectUnharmed();
    expect(mallory.senders).toContain('guest');
  });

  it('by answers with other sections than were offered', async () => {
    const wrong: ((sdp: string) => string)[] = [
      (sdp) => sdp.slice(0, sdp.lastIndexOf('m=')),
      (sdp) => `${sdp}m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:99\r\n`,
      (sdp) => sdp.replace('a=mid:1', 'a=mid:77'),
      (sdp) => sdp.replaceAll('m=audio', 'm=video'),
      (sdp) => sdp.replaceAll('a=recvonly', 'a=sendrecv\r\na=ssrc:4242 cname:x'),
      (sdp) => sdp.replaceAll('opus/48000/2', 'PCMU/8000'),
      () => 'v=0',
    ];
    for (const [index, change] of wrong.entries()) {
      tamper = ({ type, sdp }) => ({ type, sdp: change(sdp) });
      const guest = await call.join(`guest-${index}`);
      call.time.runFor(2_000);
      await guest.close();
      call.time.runFor(2_000);
    }
    expectUnharmed();
    expect(isConnected()).toBe(true);
    expect(alice.senders).toContain('bob');
    expect(alice.senders.filter((sender) => sender.startsWith('guest'))).toEqual([]);
  });

  it('twice with the same friend, each sending back what it gets as its own', async () => {
    const asOwn = ({ type, sdp }: SessionDescription): SessionDescription => {
      let ssrc = 5_000;
      return { type, sdp: sdp.replaceAll('a=recvonly', () => `a=sendrecv\r\na=ssrc:${ssrc++} cname:x`) };
    };
    tamper = asOwn;
    const eve = await call.join('eve', { dcSignaling: true, tamper: asOwn });
    for (let round = 0; round < 20; round++) {
      call.time.runFor(2_000);
      sendBothWays(asOwn({ ...lastWords, type: 'offer' }));
    }
    expectUnharmed();
    expect(alice.senders.filter((sender) => sender === 'mallory').length).toBeLessThanOrEqual(8);
    expect(alice.senders.filter((sender) => sender === 'eve').length).toBeLessThanOrEqual(8);
    await eve.close();
  });
});
