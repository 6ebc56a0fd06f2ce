import type { TrackType } from '@rtcd/protocol';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { SourcePacket } from '../../call/published-track.ts';
import type { StreamClass } from '../../call/track-type.ts';
import type { DropCounts, DropReason } from '../../inspect/drops.ts';
import { ReceiveStatistics } from '../../rtcp/receive-statistics.ts';
import type { SenderInfo } from '../../rtcp/report.ts';
import { type SenderClock, SourceClock } from '../../rtcp/sender-clock.ts';
import {
  markerOf,
  paddingLengthOf,
  payloadTypeOf,
  rtpHeaderLength,
  sequenceNumberOf,
  ssrcOf,
  timestampOf,
} from '../../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../rtp/header-extensions.ts';
import { ntpMiddle32 } from '../../rtp/ntp.ts';
import { PayloadNumbering } from '../../rtp/payload-numbering.ts';
import { packetIndex } from '../../rtp/sequence.ts';
import { audioLevelId } from '../../sdp/capabilities.ts';
import type { IncomingTrack } from './incoming-track.ts';

export interface IncomingStreamPort {
  /** The first packet that was not RTP, or not of the negotiated codec. */
  onMalformed(): void;
  /** The first packet that can be forwarded. */
  onStarted(): void;
}

/** RTP that the peer sends on one m-section, from whichever source: reads each packet once, and hands it to the track that it feeds. */
export class IncomingStream {
  /** See `trackType`. */
  type: TrackType | undefined;
  /** As announced first: it stays, whatever is announced later. */
  streamClass: StreamClass | undefined;
  readonly #port: IncomingStreamPort;
  readonly #drops: DropCounts;
  readonly #senderClock: SenderClock;
  #isMalformed = false;
  #received: ReceivedTrack;
  #audioLevelId: number;
  #ssrc: number | undefined;
  #statistics: ReceiveStatistics;
  #numbering = new PayloadNumbering();
  #hasStarted = false;
  #track: IncomingTrack | undefined;
  readonly #packet: SourcePacket;

  constructor(received: ReceivedTrack, senderClock: SenderClock, drops: DropCounts, port: IncomingStreamPort) {
    this.#port = port;
    this.#drops = drops;
    this.#senderClock = senderClock;
    this.#received = received;
    this.#audioLevelId = audioLevelId(received.extensions);
    this.#statistics = new ReceiveStatistics(received.codec.clockRate);
    this.#packet = {
      marker: false,
      number: 0,
      timestamp: 0,
      audioLevel: -1,
      payloadLength: 0,
      arrivedMs: 0,
      clock: new SourceClock(senderClock, received.codec.clockRate),
      video: undefined,
    };
  }

  /** The track as its section announces it now. */
  get received(): ReceivedTrack {
    return this.#received;
  }

  get mid(): string {
    return this.#received.mid;
  }

  get payloadType(): number {
    return this.#received.codec.payloadType;
  }

  /** A packet came that can be forwarded. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** The track that it feeds. */
  get track(): IncomingTrack | undefined {
    return this.#track;
  }

  /** Of the packet that came last; undefined before the first one. */
  get ssrc(): number | undefined {
    return this.#ssrc;
  }

  /** Of that source. */
  get statistics(): ReceiveStatistics {
    return this.#statistics;
  }

  /** Returns whether a later negotiation is about this same stream, whatever its numbers. */
  isSame({ mid, streamId, codec }: ReceivedTrack): boolean {
    const known = this.#received;
    return (
      mid === known.mid &&
      streamId === known.streamId &&
      codec.mimeType === known.codec.mimeType &&
      codec.clockRate === known.codec.clockRate
    );
  }

  /** Payload type and extension ids may have changed. */
  adopt(received: ReceivedTrack): void {
    this.#received = received;
    this.#audioLevelId = audioLevelId(received.extensions);
  }

  /** The track that its packets go to, or undefined for none. */
  feed(track: IncomingTrack | undefined): void {
    if (track === this.#track) return;
    this.#track = track;
    track?.sourceSwitched();
  }

  /** The transport has new keys: packet indices begin anew. */
  restart(): void {
    this.#ssrc = undefined;
  }

  /** A decrypted packet of this stream. Borrowed until return. */
  receive(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const headerLength = rtpHeaderLength(packet);
    if (headerLength < 0) return this.#dropMalformed('rtp_malformed');
    const ssrc = ssrcOf(packet);
    if (ssrc !== this.#ssrc) this.#switchSource(ssrc);
    this.#statistics.receive(sequenceNumberOf(packet), timestampOf(packet), nowMs);
    const index = packetIndex(rolloverCounter, sequenceNumberOf(packet));
    const payloadLength = packet.length - headerLength - paddingLengthOf(packet);
    if (payloadTypeOf(packet) !== this.payloadType) {
      this.#numbering.skip(index);
      return this.#dropMalformed('rtp_wrong_payload_type');
    }
    if (payloadLength === 0) return this.#numbering.skip(index);
    if (!this.#hasStarted) {
      this.#hasStarted = true;
      this.#port.onStarted();
    }
    if (!this.#track) {
      this.#drops.rtp_unused_stream++;
      return;
    }
    const number = this.#numbering.number(index);
    if (number < 0) {
      this.#drops.rtp_late++;
      return;
    }
    this.#read(packet, number, payloadLength, nowMs);
    this.#track.forward(packet, headerLength, this.#packet);
  }

  /** A sender report about the source of `ssrc`. */
  receiveSenderReport(info: SenderInfo, nowMs: number): void {
    this.#statistics.receiveSenderReport(ntpMiddle32(info.ntp), nowMs);
    this.#packet.clock.receive(info, nowMs);
  }

  /** The sender restarted its stream. */
  #switchSource(ssrc: number): void {
    this.#ssrc = ssrc;
    const { clockRate } = this.#received.codec;
    this.#statistics = new ReceiveStatistics(clockRate);
    this.#packet.clock = new SourceClock(this.#senderClock, clockRate);
    this.#numbering = new PayloadNumbering();
    this.#track?.sourceSwitched();
  }

  #dropMalformed(reason: DropReason): void {
    this.#drops[reason]++;
    if (this.#isMalformed) return;
    this.#isMalformed = true;
    this.#port.onMalformed();
  }

  #read(packet: Buffer, number: number, payloadLength: number, nowMs: number): void {
    const source = this.#packet;
    source.number = number;
    source.payloadLength = payloadLength;
    source.marker = markerOf(packet);
    source.timestamp = timestampOf(packet);
    source.arrivedMs = nowMs;
    const level = this.#audioLevelId === 0 ? -1 : findHeaderExtension(packet, this.#audioLevelId);
    source.audioLevel = level < 0 || headerExtensionLength(packet, level) === 0 ? -1 : packet[level];
  }
}
