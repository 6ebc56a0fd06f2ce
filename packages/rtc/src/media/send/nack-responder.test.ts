import { DESCRIPTOR_WORDS } from '@rtcd/packet-io';
import { beforeEach, describe, expect, it } from 'vitest';
import { DropCounts, nonZeroDrops } from '../../inspect/drops.ts';
import { rtpHeaderLength, writeRtpHeader } from '../../rtp/header.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { FanOut } from './fan-out.ts';
import { NackResponder } from './nack-responder.ts';
import { RetransmissionStream } from './retransmission-stream.ts';
import { SentLog } from './sent-log.ts';
import { StoredPackets } from './stored-packets.ts';

const PACKETS = 64;
const SSRC = 0x1234_5678;
const RTX_SSRC = 0x9abc_def0;

interface Sent {
  readonly rolloverCounter: number;
  readonly packet: Buffer;
}

let sent: Sent[];
let drops: DropCounts;
let history: PacketHistory;
let log: SentLog;
let responder: NackResponder;
let retransmissions: RetransmissionStream;
let fanOut: FanOut;
let resentBytes: number;

beforeEach(() => {
  sent = [];
  resentBytes = 0;
  drops = new DropCounts();
  fanOut = new FanOut({
    send(arena, descriptors, count) {
      for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
        const [, rolloverCounter, header, headerLength, prefixLength, payload, payloadLength] =
          descriptors.subarray(at);
        const head = arena.subarray(header, header! + headerLength! + prefixLength!);
        sent.push({
          rolloverCounter: rolloverCounter!,
          packet: Buffer.concat([head, arena.subarray(payload, payload! + payloadLength!)]),
        });
      }
    },
  });
  history = new PacketHistory(PACKETS);
  log = new SentLog(PACKETS, history);
  responder = createResponder(0x7fff);
});

function createResponder(rtxSequenceNumber: number): NackResponder {
  const slot = 7;
  const writeExtensions = (_out: Buffer, offset: number) => offset + 12;
  retransmissions = new RetransmissionStream({ fanOut, slot, rtxSsrc: RTX_SSRC, rtxSequenceNumber, writeExtensions });
  const stored = new StoredPackets({ fanOut, slot, log, retransmissions, number: () => 0 });
  return new NackResponder({
    log,
    drops,
    canResend: () => retransmissions.takes(log),
    resend: (index, nowMs) => {
      resentBytes += stored.sendAgain(index, nowMs);
    },
  });
}

/** Sends a packet for the first time, with a prefix in place of the first byte of its payload. */
function send(index: number, payload = Buffer.from(`payload ${index}`)): Buffer {
  expect(history.add(index, payload, 0, payload.length)).toBe(true);
  fanOut.begin(payload, 0, payload.length);
  const { arena, headerOffset } = fanOut;
  const fields = { marker: index % 2 === 1, payloadType: 96, timestamp: 90 * index, ssrc: SSRC };
  writeRtpHeader(arena, headerOffset, { ...fields, sequenceNumber: index % 0x1_0000 });
  arena.write('pre', headerOffset + 12);
  expect(log.record(index, history, index, arena, headerOffset, 12, 3, 1)).toBe(true);
  fanOut.push(7, Math.floor(index / 0x1_0000), 12, 3, 1);
  fanOut.flush();
  responder.sent();
  return sent.pop()!.packet;
}

/** Packets sent in answer to a NACK. */
function request(sequenceNumber: number, nowMs: number, roundTripMs?: number): Sent[] {
  sent = [];
  responder.request(sequenceNumber, nowMs, roundTripMs);
  return sent;
}

describe('a NACK without a retransmission stream', () => {
  it('is answered with the identical packet that was sent, with the rollover counter of its time', () => {
    const packets = [0xfffe, 0xffff, 0x1_0000, 0x1_0001].map((index) => send(index));
    const answers = [0xfffe, 0xffff, 0, 1].flatMap((sequenceNumber) => request(sequenceNumber, 0));
    expect(answers.map(({ packet }) => packet)).toEqual(packets);
    expect(answers.map(({ rolloverCounter }) => rolloverCounter)).toEqual([0, 0, 1, 1]);
  });
});

describe('a NACK with a retransmission stream', () => {
  it('is answered under the SSRC and the numbers of that stream, with the original number in front of the payload', () => {
    retransmissions.adopt({ payloadType: 96, rtxPayloadType: 97 });
    const original = send(0x1_0003);
    const [answer] = request(3, 0);
    const packet = answer!.packet;
    expect(rtpHeaderLength(packet)).toBe(12);
    expect(packet.readUInt16BE(2)).toBe(0x7fff);
    expect(packet.readUInt32BE(8)).toBe(RTX_SSRC);
    expect(packet[1]).toBe(0x80 | 97);
    expect(packet.readUInt32BE(4)).toBe(original.readUInt32BE(4));
    expect(packet.readUInt16BE(12)).toBe(3);
    expect(packet.subarray(14)).toEqual(original.subarray(12));
    expect(resentBytes).toBe('payload 65539'.length);
  });

  it('uses a new number for each answer, over the wrap and over renegotiations', () => {
    responder = createResponder(0xfffe);
    retransmissions.adopt({ payloadType: 96, rtxPayloadType: 97 });
    for (let index = 0; index < 5; index++) send(index);
    const numbers: number[] = [];
    const note = ([answer]: Sent[]) =>
      numbers.push(answer!.rolloverCounter * 0x1_0000 + answer!.packet.readUInt16BE(2));
    note(request(0, 0));
    note(request(0, 100));
    retransmissions.adopt({ payloadType: 96, rtxPayloadType: undefined });
    expect(request(1, 100)[0]!.packet.readUInt32BE(8)).toBe(SSRC);
    retransmissions.adopt({ payloadType: 96, rtxPayloadType: 99 });
    note(request(2, 100));
    expect(numbers).toEqual([0xfffe, 0xffff, 0x1_0000]);
  });
});

describe('a NACK', () => {
  it('is dropped for a packet that was never sent, or is not kept', () => {
    expect(request(1, 0)).toEqual([]);
    for (let index = 100; index < 100 + 2 * PACKETS; index++) send(index);
    expect(request(100 + PACKETS - 1, 0)).toEqual([]);
    expect(request(100 + 2 * PACKETS, 0)).toEqual([]);
    expect(request(100 + PACKETS, 0)).toHaveLength(1);
    expect(nonZeroDrops(drops)).toEqual({ nack_not_kept: 3 });
  });

  it('is answered once within a round trip', () => {
    send(1);
    expect(request(1, 0, 80)).toHaveLength(1);
    expect(request(1, 79, 80)).toEqual([]);
    expect(request(1, 80, 80)).toHaveLength(1);
    expect(request(1, 99)).toEqual([]);
    expect(request(1, 100)).toHaveLength(1);
    expect(nonZeroDrops(drops)).toEqual({ nack_repeated: 2 });
  });

  it('is dropped for a packet that waits, or is before what the receiver needs', () => {
    for (let index = 0; index < 4; index++) send(index);
    log.find(1);
    log.waits();
    expect(request(1, 0)).toEqual([]);
    responder.outdate(3);
    expect(request(2, 0)).toEqual([]);
    expect(request(3, 0)).toHaveLength(1);
    expect(nonZeroDrops(drops)).toEqual({ nack_repeated: 1, nack_outdated: 1 });
  });

  it('is dropped once a receiver has requested more than it was sent', () => {
    for (let index = 0; index < 10; index++) send(index);
    let answers = 0;
    for (let nowMs = 0; nowMs < 10_000; nowMs += 20) answers += request((nowMs / 20) % 10, nowMs).length;
    expect(answers).toBe(10 + 32);
    expect(nonZeroDrops(drops)).toEqual({ nack_over_limit: 500 - 42 });
    send(10);
    expect(request(10, 20_000)).toHaveLength(1);
  });
});

describe('SentLog', () => {
  it('accepts no index twice, and none that is too old to check', () => {
    send(PACKETS);
    const record = (index: number) => log.record(index, history, index, fanOut.arena, 0, 12, 0, 0);
    expect(record(PACKETS)).toBe(false);
    expect(record(0)).toBe(false);
    expect(record(1)).toBe(true);
    expect(record(1)).toBe(false);
  });

  it('still answers for a source that the receiver was switched from', () => {
    const before = send(1);
    const next = new PacketHistory(PACKETS);
    next.add(1, Buffer.from('next'), 0, 4);
    log.record(2, next, 1, fanOut.arena, fanOut.headerOffset, 12, 0, 0);
    expect(request(1, 0)[0]!.packet).toEqual(before);
    expect(request(2, 0)[0]!.packet.subarray(12).toString()).toBe('next');
  });
});
