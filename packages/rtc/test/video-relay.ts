import { DESCRIPTOR_WORDS } from '@rtcd/packet-io';
import { DropCounts } from '../src/inspect/drops.ts';
import { MAX_REPAIR_REQUEST_BYTES, RepairRequests } from '../src/media/receive/repair-requests.ts';
import { FanOut } from '../src/media/send/fan-out.ts';
import { NackResponder } from '../src/media/send/nack-responder.ts';
import { SentLog } from '../src/media/send/sent-log.ts';
import { type RtcpVisitor, visitRtcp } from '../src/rtcp/compound.ts';
import {
  markerOf,
  paddingLengthOf,
  rtpHeaderLength,
  sequenceNumberOf,
  ssrcOf,
  timestampOf,
  writeRtpHeader,
} from '../src/rtp/header.ts';
import { HeaderExtensionWriter } from '../src/rtp/header-extensions.ts';
import { PacketHistory } from '../src/rtp/packet-history.ts';
import { PayloadNumbering } from '../src/rtp/payload-numbering.ts';
import { OSN_BYTES, originalSequenceNumberOf } from '../src/rtp/retransmission.ts';
import { CYCLE, nearestIndex, packetIndex } from '../src/rtp/sequence.ts';
import { SequenceRewriter } from '../src/rtp/sequence-rewriter.ts';
import type { Timed, VirtualTime } from '../src/testing/index.ts';
import { VIDEO_SSRC } from './video-sender.ts';

const HISTORY_PACKETS = 256;

export interface RelayedReceiverOptions {
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  readonly roundTripMs: number;
  send(packet: Buffer): void;
}

/** Gives each packet the next number, so that a header which is written a second time is another one. */
function transportWideNumbers(): (out: Buffer, offset: number) => number {
  const extensions = new HeaderExtensionWriter();
  let next = 0;
  return (out, offset) => {
    extensions.begin(out, offset);
    extensions.writeUInt16(5, next++ & 0xffff);
    return extensions.end();
  };
}

/** One receiver of the relay: its numbers, and its repairs. */
class RelayedReceiver {
  readonly writeExtensions = transportWideNumbers();
  readonly log: SentLog;
  readonly responder: NackResponder;
  readonly rewriter = new SequenceRewriter({ sequenceNumber: 32_700, timestamp: 5, clockRate: 90_000 });
  readonly options: RelayedReceiverOptions;
  /** It gets packets from a key frame on. */
  hasBegun = false;
  sent = 0;
  resent = 0;

  constructor(
    slot: number,
    fanOut: FanOut,
    history: PacketHistory,
    drops: DropCounts,
    options: RelayedReceiverOptions,
  ) {
    this.options = options;
    this.log = new SentLog(HISTORY_PACKETS, history);
    const onResent = () => {
      this.resent++;
    };
    this.responder = new NackResponder({
      log: this.log,
      fanOut,
      slot,
      rtxSsrc: options.rtxSsrc ?? 0,
      rtxSequenceNumber: 32_767,
      drops,
      writeExtensions: this.writeExtensions,
      onResent,
    });
    this.responder.adopt(options.rtxSsrc === undefined ? undefined : 97);
  }
}

/** The repair of video, put together: one source, its receivers, and everything between them but negotiation and SRTP. */
export class VideoRelay implements Timed {
  readonly drops = new DropCounts();
  readonly receivers: RelayedReceiver[] = [];
  /** Packets of which a second content was sent under one SSRC and index. */
  readonly reused: string[] = [];
  readonly #sent = new Map<string, string>();
  readonly #time: VirtualTime;
  readonly #sendToSender: (compound: Buffer) => void;
  readonly #fanOut: FanOut;
  readonly #requests = new RepairRequests({ nack: true, pictureLoss: true, fullIntra: true });
  readonly #history = new PacketHistory(HISTORY_PACKETS);
  readonly #numbering = new PayloadNumbering();
  /** As SRTP's replay protection does. */
  readonly #seen = new Set<string>();
  #highestIndex = 0;

  constructor(time: VirtualTime, sendToSender: (compound: Buffer) => void) {
    this.#time = time;
    this.#sendToSender = sendToSender;
    this.#fanOut = new FanOut({ send: (arena, descriptors, count) => this.#deliver(arena, descriptors, count) });
    time.attach(this);
  }

  join(options: RelayedReceiverOptions): RelayedReceiver {
    const receiver = new RelayedReceiver(this.receivers.length, this.#fanOut, this.#history, this.drops, options);
    this.receivers.push(receiver);
    this.#requests.requestKeyframe();
    return receiver;
  }

  receiveFromReceiver({ responder, options }: RelayedReceiver, compound: Buffer): void {
    const visitor: RtcpVisitor = {
      onNack: (_ssrc, sequenceNumber, nowMs) => responder.request(sequenceNumber, nowMs, options.roundTripMs),
      onPictureLoss: () => this.#requests.requestKeyframe(),
    };
    visitRtcp(compound, visitor, this.#time.nowMs);
  }

  receiveFromSender(packet: Buffer): void {
    const name = `${ssrcOf(packet)} ${sequenceNumberOf(packet)}`;
    if (this.#seen.has(name)) return;
    this.#seen.add(name);
    const isRtx = ssrcOf(packet) !== VIDEO_SSRC;
    const headerEnd = rtpHeaderLength(packet);
    const headerLength = headerEnd + (isRtx ? OSN_BYTES : 0);
    const sequenceNumber = isRtx
      ? originalSequenceNumberOf(packet, headerEnd, packet.length - headerEnd)
      : sequenceNumberOf(packet);
    if (this.#highestIndex === 0) this.#highestIndex = packetIndex(1, sequenceNumber);
    const index = nearestIndex(sequenceNumber, this.#highestIndex);
    this.#highestIndex = Math.max(this.#highestIndex, index);
    this.#requests.received(index, this.#time.nowMs);
    const payloadLength = packet.length - headerLength - paddingLengthOf(packet);
    if (payloadLength === 0) return this.#numbering.skip(index);
    const number = this.#numbering.number(index);
    if (number < 0) this.drops.rtp_late++;
    else if (!this.#history.add(number, packet, headerLength, payloadLength)) this.drops.rtp_repeated++;
    else this.#forward(packet, number, headerLength, payloadLength);
  }

  deadline(): number {
    return this.#requests.deadline();
  }

  timeout(nowMs: number): void {
    const sources = { senderSsrc: 1, mediaSsrc: VIDEO_SSRC, nowMs, roundTripMs: 40 };
    const end = this.#requests.write(out, 0, sources);
    if (end > 0) this.#sendToSender(Buffer.from(out.subarray(0, end)));
  }

  /** Every receiver gets the first payload byte as a prefix, so that not all have the same packet. */
  #forward(packet: Buffer, number: number, headerLength: number, payloadLength: number): void {
    const fanOut = this.#fanOut;
    const startsKeyframe = packet[headerLength] === 1;
    this.#requests.receivedPayload(number, timestampOf(packet), markerOf(packet), startsKeyframe);
    fanOut.begin(packet, headerLength, payloadLength);
    for (const [slot, receiver] of this.receivers.entries()) {
      receiver.hasBegun ||= startsKeyframe;
      const { rewriter, log, responder, options } = receiver;
      if (!receiver.hasBegun || !rewriter.rewrite(number, timestampOf(packet), this.#time.nowMs)) continue;
      const { arena, headerOffset } = fanOut;
      writeRtpHeader(arena, headerOffset, {
        marker: markerOf(packet),
        payloadType: 96,
        sequenceNumber: rewriter.sequenceNumber,
        timestamp: rewriter.timestamp,
        ssrc: options.ssrc,
      });
      const headerEnd = receiver.writeExtensions(arena, headerOffset);
      arena[headerEnd] = packet[headerLength]!;
      const outgoingLength = headerEnd - headerOffset;
      const index = packetIndex(rewriter.rolloverCounter, rewriter.sequenceNumber);
      if (!log.record(index, this.#history, number, arena, headerOffset, outgoingLength, 1, 1)) continue;
      fanOut.push(slot, rewriter.rolloverCounter, outgoingLength, 1, 1);
      responder.sent();
      receiver.sent++;
    }
    fanOut.flush();
  }

  #deliver(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
      const [slot, rolloverCounter, header, headerLength, prefixLength, payload, payloadLength] =
        descriptors.subarray(at);
      const packet = Buffer.concat([
        arena.subarray(header, header! + headerLength! + prefixLength!),
        arena.subarray(payload, payload! + payloadLength!),
      ]);
      this.#note(slot!, rolloverCounter! * CYCLE + sequenceNumberOf(packet), packet);
      this.receivers[slot!]!.options.send(packet);
    }
  }

  #note(slot: number, index: number, packet: Buffer): void {
    const name = `${slot} ${ssrcOf(packet)} ${index}`;
    const bytes = packet.toString('base64');
    if ((this.#sent.get(name) ?? bytes) !== bytes) this.reused.push(name);
    this.#sent.set(name, bytes);
  }
}

const out = Buffer.alloc(MAX_REPAIR_REQUEST_BYTES);
