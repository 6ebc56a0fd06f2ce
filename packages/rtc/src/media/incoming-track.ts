import type { TrackType } from '@rtcd/protocol';
import type { PacketReceiver, PublishedTrack, SourcePacket } from '../call/published-track.ts';
import { ReceiveStatistics } from '../rtcp/receive-statistics.ts';
import {
  markerOf,
  paddingLengthOf,
  payloadTypeOf,
  rtpHeaderLength,
  sequenceNumberOf,
  timestampOf,
} from '../rtp/header.ts';
import { findHeaderExtension, HeaderExtensionWriter, headerExtensionLength } from '../rtp/header-extensions.ts';
import { packetIndex } from '../rtp/sequence.ts';
import { audioLevelId } from '../sdp/capabilities.ts';
import type { ReceivedTrack } from '../signalling/section.ts';
import type { FanOut } from './fan-out.ts';

export interface IncomingTrackOptions {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly received: ReceivedTrack;
  readonly fanOut: FanOut;
  readonly muted: boolean;
  /** The first packet that was not RTP, or not of the negotiated codec; `dropped` counts them all. */
  onMalformed(): void;
  /** The byte of RFC 6464 of each packet that has one. */
  onAudioLevel(level: number, nowMs: number): void;
  /** What the times of a packet's fan-out are taken from, in milliseconds. */
  stopwatchMs(): number;
  /** How long one packet took to all of its receivers. */
  onWritten(seconds: number): void;
}

/** A track as its sender sends it, and where a packet of it goes from here. */
export class IncomingTrack implements PublishedTrack {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly received: ReceivedTrack;
  readonly statistics: ReceiveStatistics;
  /** Packets that were not RTP, or not of the negotiated codec. */
  dropped = 0;
  readonly #options: IncomingTrackOptions;
  readonly #audioLevelId: number;
  readonly #receivers: PacketReceiver[] = [];
  readonly #extensions = new HeaderExtensionWriter();
  readonly #packet: SourcePacket = {
    marker: false,
    index: 0,
    timestamp: 0,
    audioLevel: -1,
    payloadLength: 0,
    arrivedMs: 0,
  };
  #muted: boolean;

  constructor(options: IncomingTrackOptions) {
    const { id, type, senderID, received, muted } = options;
    this.id = id;
    this.type = type;
    this.senderID = senderID;
    this.received = received;
    this.statistics = new ReceiveStatistics(received.codec.clockRate);
    this.#options = options;
    this.#audioLevelId = audioLevelId(received.extensions);
    this.#muted = muted;
  }

  get kind(): 'audio' | 'video' {
    return this.received.kind;
  }

  get mimeType(): string {
    return this.received.codec.mimeType;
  }

  get clockRate(): number {
    return this.received.codec.clockRate;
  }

  get ssrc(): number {
    return this.received.ssrc;
  }

  attach(receiver: PacketReceiver): void {
    this.#receivers.push(receiver);
  }

  detach(receiver: PacketReceiver): void {
    const index = this.#receivers.indexOf(receiver);
    if (index >= 0) this.#receivers.splice(index, 1);
  }

  /** While muted nothing is forwarded; afterwards it goes on as if there had been no pause. */
  setMuted(muted: boolean): void {
    if (this.#muted && !muted) for (const receiver of this.#receivers) receiver.resume();
    this.#muted = muted;
  }

  /** A decrypted packet of this track. Borrowed until return. */
  receive(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const headerLength = rtpHeaderLength(packet);
    if (headerLength < 0 || payloadTypeOf(packet) !== this.received.codec.payloadType) {
      if (this.dropped === 0) this.#options.onMalformed();
      this.dropped += 1;
      return;
    }
    this.#read(packet, headerLength, rolloverCounter, nowMs);
    this.statistics.receive(sequenceNumberOf(packet), this.#packet.timestamp, nowMs);
    if (this.#muted) return;
    if (this.#packet.audioLevel >= 0) this.#options.onAudioLevel(this.#packet.audioLevel, nowMs);
    if (this.#receivers.length > 0) this.#forward(packet, headerLength);
  }

  #read(packet: Buffer, headerLength: number, rolloverCounter: number, nowMs: number): void {
    const source = this.#packet;
    source.marker = markerOf(packet);
    source.index = packetIndex(rolloverCounter, sequenceNumberOf(packet));
    source.timestamp = timestampOf(packet);
    source.payloadLength = packet.length - headerLength - paddingLengthOf(packet);
    source.arrivedMs = nowMs;
    const level = this.#audioLevelId === 0 ? -1 : findHeaderExtension(packet, this.#audioLevelId);
    source.audioLevel = level < 0 || headerExtensionLength(packet, level) === 0 ? -1 : packet[level];
  }

  /** Per receiver: rewrite the header, then protect and send, which packet-io does for all of them together. */
  #forward(packet: Buffer, headerLength: number): void {
    const { fanOut, stopwatchMs, onWritten } = this.#options;
    const startedMs = stopwatchMs();
    if (!fanOut.begin(packet, headerLength, this.#packet.payloadLength)) return;
    for (const receiver of this.#receivers) {
      const offset = fanOut.headerOffset;
      const end = receiver.writeHeader(fanOut.arena, offset, this.#packet, this.#extensions);
      if (end > offset) fanOut.push(receiver.slot, receiver.rolloverCounter, end - offset);
    }
    fanOut.flush();
    onWritten((stopwatchMs() - startedMs) / 1000);
  }
}
