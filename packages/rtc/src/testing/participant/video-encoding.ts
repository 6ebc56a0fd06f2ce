import { codecNameOf, type VideoCodecName } from '../../peer/participant-sdp.ts';
import type { NegotiatedTrack } from '../../peer/participant-sections.ts';
import { writeRtpHeader } from '../../rtp/header.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import { OSN_BYTES, writeOriginalSequenceNumber } from '../../rtp/retransmission.ts';
import { CYCLE, nearestIndex } from '../../rtp/sequence.ts';
import { dependencyDescriptorId, midId, repairedRidId, ridId, transportCcId } from '../../sdp/capabilities.ts';
import type { RecordedVideo } from './recorded-video.ts';
import { dependencyDescriptor, TemporalLayers } from './temporal-layers.ts';
import { PICTURE_IDS, writeVideoPayload } from './video-payload.ts';

/** Parameters of one encoding of a video. */
export interface VideoEncodingOptions {
  /** Default 20. */
  readonly framesPerSecond?: number;
  /** Default 20. */
  readonly packetsPerKeyframe?: number;
  /** Packets in each of the other frames. Default 3. */
  readonly packetsPerFrame?: number;
  /** Default 500. */
  readonly payloadBytes?: number;
  /** Synthetic frames are of three temporal layers: VP8 says so itself, and other codecs with the dependency descriptor, where that is negotiated. */
  readonly isLayered?: boolean;
}

export interface VideoEncodingOwner {
  readonly ssrc: number;
  readonly rtxSsrc: number;
  /** RID in a simulcast (RFC 8851), undefined for the only encoding of a video. */
  readonly rid: string | undefined;
  readonly recordings: readonly RecordedVideo[];
  /** As the SFU answered it. Asked only while the track may flow. */
  negotiated(): NegotiatedTrack;
  nextTransportNumber(): number;
  send(packet: Uint8Array, rolloverCounter: number): void;
}

/** As many as browsers keep. */
const HISTORY_PACKETS = 600;
const TICKS_PER_MS = 90;
const MAX_HEADER_BYTES = 72;
/** Distance back to the packets with which it probes. */
const PROBE_DISTANCE = 20;

interface FramePacket {
  readonly payload: Buffer;
  /** Dependency descriptor, if there are layers. */
  readonly descriptor?: Buffer | undefined;
}

interface SentPacket extends FramePacket {
  readonly index: number;
  readonly marker: boolean;
  readonly timestamp: number;
}

/** One encoding of a video: sends synthetic or recorded frames, and packets again that are asked for. */
export class VideoEncoding {
  readonly options: Required<VideoEncodingOptions>;
  readonly rid: string | undefined;
  readonly ssrc: number;
  readonly rtxSsrc: number;
  frames = 0;
  keyframes = 0;
  /** Packets that were sent again. */
  resent = 0;
  /** Times of key frame requests, by PLI or FIR. */
  readonly keyframeRequestsMs: number[] = [];
  /** Sends nothing while it is set, as an encoder does without bandwidth. */
  isPaused = false;
  readonly #owner: VideoEncodingOwner;
  /** Sources that a receiver report has named: their packets no longer carry mid and rid. */
  readonly #known = new Set<number>();
  readonly #extensions = new HeaderExtensionWriter();
  readonly #history = new Map<number, SentPacket>();
  readonly #layers = new TemporalLayers();
  #nextFrameMs = 0;
  #needsKeyframe = true;
  /** The next frame of a recording. */
  #recordedFrame = 0;
  #codec: VideoCodecName = 'VP8';
  #index: number;
  #rtxIndex = 1_000;

  constructor(options: VideoEncodingOptions, owner: VideoEncodingOwner) {
    const defaults = { framesPerSecond: 20, packetsPerKeyframe: 20, packetsPerFrame: 3, payloadBytes: 500 };
    this.options = { ...defaults, isLayered: false, ...options };
    this.#owner = owner;
    this.ssrc = owner.ssrc;
    this.rtxSsrc = owner.rtxSsrc;
    this.rid = owner.rid;
    this.#index = owner.ssrc & 0x7fff;
  }

  /** A receiver report names one of its sources. */
  reported(ssrc: number): void {
    this.#known.add(ssrc);
  }

  /** Makes the next frame a key frame. */
  requestKeyframe(): void {
    this.#needsKeyframe = true;
  }

  /** Time of the next frame. */
  deadline(): number {
    return this.isPaused ? Number.POSITIVE_INFINITY : this.#nextFrameMs;
  }

  /** Sends the frame that is due. */
  timeout(nowMs: number): void {
    if (nowMs < this.deadline()) return;
    this.#nextFrameMs = nowMs + 1000 / this.options.framesPerSecond;
    this.#followCodec();
    const recording = this.#owner.recordings.find(({ codec }) => codec === this.#codec);
    if (recording && this.#recordedFrame === recording.frames.length) this.#needsKeyframe = true;
    if (this.#needsKeyframe) this.#recordedFrame = 0;
    const packets = recording ? this.#recordedPackets(recording) : this.#syntheticPackets();
    for (const [position, packet] of packets.entries()) {
      this.#sendPacket(packet, position === packets.length - 1, nowMs);
    }
    this.frames++;
    if (this.#needsKeyframe) this.keyframes++;
    this.#needsKeyframe = false;
  }

  get #pictureId(): number {
    return (this.frames + (this.ssrc & 0xff)) % PICTURE_IDS;
  }

  #recordedPackets(recording: RecordedVideo): readonly FramePacket[] {
    const frame = this.#recordedFrame++;
    return recording.frames[frame]!.payloads.map((_, position) => ({
      payload: recording.write({ frame, position, pictureId: this.#pictureId }),
    }));
  }

  #syntheticPackets(): readonly FramePacket[] {
    const isKeyframe = this.#needsKeyframe;
    const { packetsPerKeyframe, packetsPerFrame, payloadBytes, isLayered } = this.options;
    const { frames: frame, ssrc: source } = this;
    const packets = isKeyframe ? packetsPerKeyframe : packetsPerFrame;
    const temporal = isLayered ? this.#layers.next(isKeyframe) : undefined;
    return Array.from({ length: packets }, (_, position) => {
      const payload = Buffer.alloc(payloadBytes);
      const says = { pictureId: this.#pictureId, source, frame, position, packets, isKeyframe, temporal };
      writeVideoPayload(this.#codec, payload, 0, payloadBytes, says);
      const place = { frame, isFirst: position === 0, isLast: position === packets - 1 };
      return { payload, descriptor: temporal && dependencyDescriptor(temporal, place) };
    });
  }

  /** Continues in the current codec, with a key frame. Packets of the one before are not sent again. */
  #followCodec(): void {
    const codec = codecNameOf(this.#owner.negotiated().codec);
    if (codec === this.#codec) return;
    this.#codec = codec;
    this.#history.clear();
    this.#needsKeyframe = true;
  }

  /** Probes the bandwidth as libwebrtc does: with a packet that was sent before, or without a retransmission stream with padding alone. */
  probe(nowMs: number): void {
    if (this.#owner.negotiated().codec.rtxPayloadType === undefined) this.#sendPadding(nowMs);
    else this.resend((this.#index - PROBE_DISTANCE) & 0xffff);
  }

  /** Under the next number of the media, which it uses up. */
  #sendPadding(nowMs: number): void {
    const packet = Buffer.alloc(MAX_HEADER_BYTES + 255, 255);
    const timestamp = Math.round(nowMs * TICKS_PER_MS) >>> 0;
    const end = this.#writeHeader(packet, { index: this.#index, marker: false, timestamp });
    packet[0]! |= 0x20;
    this.#owner.send(packet.subarray(0, end + 255), Math.floor(this.#index / CYCLE));
    this.#index++;
  }

  /** Sends a packet again: in the retransmission stream, or without one under its number and another transport-wide one. */
  resend(sequenceNumber: number): void {
    const sent = this.#history.get(nearestIndex(sequenceNumber, this.#index));
    if (!sent) return;
    this.resent++;
    const { rtxPayloadType } = this.#owner.negotiated().codec;
    if (rtxPayloadType === undefined) this.#send(sent);
    else this.#sendRetransmission(sent, rtxPayloadType);
  }

  #sendPacket(packet: FramePacket, marker: boolean, nowMs: number): void {
    const timestamp = (Math.round(nowMs * TICKS_PER_MS) + this.ssrc) >>> 0;
    const sent = { ...packet, index: this.#index++, marker, timestamp };
    this.#history.set(sent.index, sent);
    this.#history.delete(sent.index - HISTORY_PACKETS);
    this.#send(sent);
  }

  #send(sent: SentPacket): void {
    const packet = Buffer.alloc(MAX_HEADER_BYTES + sent.payload.length);
    const end = this.#writeHeader(packet, sent);
    sent.payload.copy(packet, end);
    this.#owner.send(packet.subarray(0, end + sent.payload.length), Math.floor(sent.index / CYCLE));
  }

  #sendRetransmission(sent: SentPacket, payloadType: number): void {
    const packet = Buffer.alloc(MAX_HEADER_BYTES + OSN_BYTES + sent.payload.length);
    const end = this.#writeHeader(packet, { ...sent, index: this.#rtxIndex }, payloadType);
    const start = writeOriginalSequenceNumber(packet, end, sent.index % CYCLE);
    sent.payload.copy(packet, start);
    this.#owner.send(packet.subarray(0, start + sent.payload.length), Math.floor(this.#rtxIndex / CYCLE));
    this.#rtxIndex++;
  }

  #writeHeader(
    packet: Buffer,
    { index, marker, timestamp, descriptor }: Omit<SentPacket, 'payload'>,
    rtxPayloadType?: number,
  ): number {
    const { mid, codec, extensions: ids } = this.#owner.negotiated();
    const isRetransmission = rtxPayloadType !== undefined;
    const payloadType = rtxPayloadType ?? codec.payloadType;
    const ssrc = isRetransmission ? this.#owner.rtxSsrc : this.ssrc;
    writeRtpHeader(packet, 0, { marker, payloadType, sequenceNumber: index % CYCLE, timestamp, ssrc });
    const extensions = this.#extensions;
    const write = (id: number, text: string) => {
      if (id > 0) extensions.writeBytes(id, Buffer.from(text));
    };
    extensions.begin(packet, 0);
    if (transportCcId(ids) > 0) extensions.writeUInt16(transportCcId(ids), this.#owner.nextTransportNumber());
    if (!this.#known.has(ssrc)) {
      write(midId(ids), mid);
      if (this.rid !== undefined) write(isRetransmission ? repairedRidId(ids) : ridId(ids), this.rid);
    }
    if (descriptor && dependencyDescriptorId(ids) > 0) extensions.writeBytes(dependencyDescriptorId(ids), descriptor);
    return extensions.end();
  }
}
