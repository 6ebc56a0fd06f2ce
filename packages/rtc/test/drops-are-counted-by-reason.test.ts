import type { PacketIo, PacketIoStats } from '@rtcd/packet-io';
import { createSimulatedNetwork, type ObservedDatagram } from '@rtcd/packet-io/testing';
import { RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DROP_REASONS, type DropReason, openSfu } from '../src/index.ts';
import { StunAttribute } from '../src/stun/attributes.ts';
import { localUfragOf } from '../src/stun/local-ufrag.ts';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify, type DatagramKind } from '../src/transport/demux.ts';
import { rawStunMessage } from './raw-stun-message.ts';
import { RawVoice } from './raw-voice.ts';

const STRANGER = { address: '203.0.113.9', port: 4444 };
const TALKER_ADDRESS = '198.18.0.2';

let call: SimulatedCall;
let talker: Participant;
/** The talker's only announced source. */
let talkerSsrc: number;
/** All datagrams sent so far. */
let seen: ObservedDatagram[];

const secondVoice = (sdp: string) => {
  const voice = sdp.slice(sdp.indexOf('m=audio')).replace('a=mid:1', 'a=mid:2');
  const other = voice.replace(/a=msid:\S+/, 'a=msid:second').replace(/a=ssrc:\d+/g, 'a=ssrc:77');
  return sdp.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0 1 2') + other;
};

beforeEach(async () => {
  seen = [];
  call = await SimulatedCall.start({ delayMs: 10, onTransmit: (observed) => seen.push(observed) });
  await call.join('listener', { voice: false });
  talker = await call.join('talker', {
    tamper: ({ type, sdp }) => {
      talkerSsrc = Number(/a=ssrc:(\d+)/.exec(sdp)?.[1]);
      return { type, sdp: secondVoice(sdp) };
    },
  });
  call.time.runFor(500);
  call.speak([talker], 100);
  call.time.runFor(100);
});

afterEach(() => call.close());

/** Drops while `act` runs and shortly after, those that there are. */
function dropsOf(act: () => void): Partial<Record<DropReason, number>> {
  const before = call.sfu.stats().drops;
  act();
  call.time.runFor(100);
  const after = call.sfu.stats().drops;
  const grown = DROP_REASONS.map((reason) => [reason, after[reason] - before[reason]] as const);
  return Object.fromEntries(grown.filter(([, count]) => count !== 0));
}

const lastOf = (kind: DatagramKind) =>
  seen.findLast(({ from, datagram }) => from.address === TALKER_ADDRESS && classify(datagram) === kind)!;
const inject = (bytes: Uint8Array, from = lastOf('rtp').from) =>
  call.network.inject(Uint8Array.from(bytes), from, call.sfuAddress);
const talkerUfrag = () => localUfragOf(Buffer.from(lastOf('stun').datagram))!;
const check = (username: string, type?: number) =>
  rawStunMessage([[StunAttribute.username, Buffer.from(username)]], type);
const cutAttribute = (username: string) =>
  rawStunMessage([
    [StunAttribute.username, Buffer.from(username)],
    [StunAttribute.priority, Buffer.alloc(4), 400],
  ]);
const record = (contentType: number, epoch: number, body: readonly number[]) =>
  Uint8Array.from([contentType, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 9, 0, body.length, ...body]);

/** SSRC of the talker's voice. */
const nextSequence = () => (Buffer.from(lastOf('rtp').datagram).readUInt16BE(2) + 1) & 0xffff;

function rtp({
  ssrc = talkerSsrc,
  payloadType = 111,
  first = 0x80,
  sequence = nextSequence(),
  size = 52,
} = {}): Buffer {
  const packet = Buffer.alloc(size, 1);
  packet.set([first, payloadType]);
  packet.writeUInt16BE(sequence, 2);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

describe('a datagram', () => {
  it.each<[DropReason, () => void]>([
    ['source_port_zero', () => inject(rtp(), { ...STRANGER, port: 0 })],
    ['no_session', () => inject(rtp(), STRANGER)],
    ['no_session', () => inject(check('nobody:here'))],
    ['unknown_protocol', () => inject(Uint8Array.of(70, 1, 2, 3))],
    ['stun_malformed', () => inject(cutAttribute(`${talkerUfrag()}:x`))],
    ['stun_unexpected', () => inject(check(`${talkerUfrag()}:x`, 0x0011))],
    ['stun_wrong_username', () => inject(check(`${talkerUfrag()}:x`))],
    ['dtls_malformed', () => inject(Uint8Array.of(22, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13))],
    ['dtls_forged', () => inject(record(23, 1, Array(40).fill(7)))],
    ['dtls_replayed', () => inject(lastOf('dtls').datagram)],
    ['dtls_unexpected', () => inject(record(21, 0, [2, 40]))],
    ['srtp_malformed', () => inject(rtp({ size: 13 }))],
    ['srtp_unauthentic', () => inject(rtp())],
    ['srtp_replayed', () => inject(lastOf('rtp').datagram)],
  ])('is dropped as %s', (reason, act) => {
    expect(dropsOf(act)).toEqual({ [reason]: 1 });
  });

  it.each<[limit: DropReason, within: DropReason, datagram: () => Uint8Array]>([
    ['media_over_limit', 'srtp_unauthentic', rtp],
    ['dtls_over_limit', 'dtls_forged', () => record(23, 1, Array(40).fill(7))],
    ['stun_over_limit', 'stun_wrong_username', () => check(`${talkerUfrag()}:x`)],
  ])('is dropped as %s if its peer sends too many, before it is looked at', (limit, within, datagram) => {
    const bytes = datagram();
    const { from } = lastOf('rtp');
    const drops = dropsOf(() => {
      for (let i = 0; i < 4_000; i++) inject(bytes, from);
    });
    expect(Object.keys(drops).sort()).toEqual([limit, within].sort());
    expect(drops[limit]! + drops[within]!).toBe(4_000);
    expect(drops[limit]).toBeGreaterThan(900);
  });

  it('is dropped as stun_unauthentic when a check is signed with another password', () => {
    const username = `${talkerUfrag()}:${usernameOf(lastOf('stun').datagram).split(':')[1]}`;
    expect(dropsOf(() => inject(check(username)))).toEqual({ stun_unauthentic: 1 });
  });
});

const usernameOf = (datagram: Uint8Array): string => {
  const text = Buffer.from(datagram).toString('latin1');
  return /[\x21-\x7e]+:[\w+/]+/.exec(text.slice(text.indexOf(talkerUfrag())))![0];
};

describe('an authentic packet', () => {
  it.each<[DropReason, () => void]>([
    ['rtp_malformed', () => talker.sendRawRtp(rtp({ first: 0xa0 }).fill(0xff, 51))],
    ['rtp_unknown_ssrc', () => talker.sendRawRtp(rtp({ ssrc: 4242 }))],
    ['rtp_wrong_payload_type', () => talker.sendRawRtp(rtp({ payloadType: 0 }))],
    ['rtcp_malformed', () => talker.sendRawRtcp(Uint8Array.of(0x80, 200, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8))],
    ['sctp_malformed', () => talker.sendRawSctp(new Uint8Array(16))],
  ])('is dropped as %s', (reason, act) => {
    expect(dropsOf(act)).toEqual({ [reason]: 1 });
  });

  it('is dropped as message_over_limit when the peer has sent more than it may', () => {
    // Each one that is refused costs a share of 64 KiB of 2 MiB.
    for (let count = 0; count < 40; count++) talker.sendRawMessage(Uint8Array.of(0xc1));
    call.time.runFor(100);
    expect(dropsOf(() => talker.sendRawMessage('one too many')).message_over_limit).toBeGreaterThan(0);
  });

  it('is dropped as message_unexpected when only we may send such a message, and is not decoded', () => {
    const notEvenMap = Uint8Array.of(9, 0xc1);
    expect(dropsOf(() => talker.sendRawMessage(notEvenMap))).toEqual({ message_unexpected: 1 });
    expect(dropsOf(() => talker.sendRawMessage(Uint8Array.of(2)))).toEqual({ message_unexpected: 1 });
  });

  it('is dropped as srtp_too_many_ssrcs beyond the sources that a peer may have', () => {
    const drops = dropsOf(() => {
      for (let ssrc = 1000; ssrc < 2100; ssrc++) talker.sendRawRtp(rtp({ ssrc }));
    });
    // 1024 sources, one of which is the talker's voice.
    expect(drops).toEqual({ rtp_unknown_ssrc: 1023, srtp_too_many_ssrcs: 77 });
  });

  it('is dropped as rtp_muted while the voice is muted', () => {
    call.sfu.receive({
      groupID: 'group',
      callID: 'call',
      userID: '',
      sessionID: 'talker',
      type: RtcMessageType.Mute,
      data: new Uint8Array(),
    });
    expect(dropsOf(() => call.speak([talker], 200))).toEqual({ rtp_muted: 10 });
  });

  it('is dropped as rtp_unused_stream on the section of a voice that another one has displaced', () => {
    const other = new RawVoice(call, talker, { ssrc: 77 });
    expect(dropsOf(() => other.speak(5))).toEqual({});
    expect(dropsOf(() => call.speak([talker], 200))).toEqual({ rtp_unused_stream: 10 });
  });

  it('is dropped as rtp_late when it is older than the first one that a receiver got', () => {
    const other = { ssrc: 77, payloadType: 111 };
    talker.sendRawRtp(rtp({ ...other, sequence: 1_000 }));
    expect(dropsOf(() => talker.sendRawRtp(rtp({ ...other, sequence: 999 })))).toEqual({ rtp_late: 1 });
  });
});

describe('a peer that never proves its certificate', () => {
  const impostor = ({ type, sdp }: SessionDescription): SessionDescription => ({
    type,
    sdp: sdp.replace(/a=fingerprint:sha-256 .{5}/g, 'a=fingerprint:sha-256 00:00'),
  });

  it('has its handshake and its media counted, also when its session is closed', async () => {
    call.join('impostor', { tamper: impostor }).catch(() => {});
    call.time.runFor(10);
    await new Promise((resolve) => setImmediate(resolve));
    call.time.runFor(2_000);
    const { from } = seen.findLast(({ from }) => from.address === '198.18.0.3')!;
    expect(dropsOf(() => inject(rtp(), from))).toMatchObject({ srtp_before_keys: 1 });
    const { dtls_handshake_rejected: rejected } = call.sfu.stats().drops;
    expect(rejected).toBeGreaterThan(0);
    call.time.runFor(60_000);
    expect(call.sfu.session('group', 'call', 'impostor')).toBeUndefined();
    expect(call.sfu.stats().drops).toMatchObject({ srtp_before_keys: 1 });
    expect(call.sfu.stats().drops.dtls_handshake_rejected).toBeGreaterThanOrEqual(rejected);
  });
});

it('loses no count when sessions close', () => {
  inject(rtp());
  inject(Uint8Array.of(70, 1, 2, 3));
  call.time.runFor(100);
  const before = call.sfu.stats();
  call.sfu.leave('group', 'talker');
  expect(call.sfu.stats()).toMatchObject({ sessions: 1, drops: before.drops, videoStreams: [] });
  expect(before.drops).toMatchObject({ srtp_unauthentic: 1, unknown_protocol: 1 });
});

it('counts what the sockets drop', async () => {
  const network = createSimulatedNetwork();
  const io = network.open({ addresses: [{ address: '192.0.2.9', port: 1 }], onPackets() {} });
  const drops: Partial<PacketIoStats> = {
    slotClosedDrops: 1,
    unsendableDrops: 2,
    keyExhaustedDrops: 3,
    sendErrors: 4,
    queueFullDrops: 5,
    pathEndedDrops: 6,
    unanswerableDrops: 7,
  };
  const dropping: PacketIo = { ...io, stats: () => ({ ...io.stats(), ...drops }) };
  const sfu = await openSfu({ openIo: async () => dropping });
  expect(sfu.stats().drops).toMatchObject({
    send_slot_closed: 1,
    send_too_large: 2,
    send_keys_exhausted: 3,
    send_error: 4,
    send_queue_full: 5,
    send_path_ended: 6,
    source_port_zero: 7,
  });
  await sfu.close();
});
