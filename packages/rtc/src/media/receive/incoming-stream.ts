import type { TrackType } from '@rtcd/protocol';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { PublishedLevel } from '../../call/published-track.ts';
import type { StreamClass } from '../../call/track-type.ts';
import type { DropCounts, DropReason } from '../../inspect/drops.ts';
import type { SenderClock } from '../../rtcp/sender-clock.ts';
import { rtpHeaderLength } from '../../rtp/header.ts';
import { isPayloadTypeOf, isSameCodec } from '../../sdp/codec-table.ts';
import type { Codec } from '../../sdp/description.ts';
import { AudioReceiver } from './audio-receiver.ts';
import type { IncomingTrack } from './incoming-track.ts';
import type { RtpSource } from './rtp-source.ts';
import { VideoReceiver } from './video-receiver.ts';

export interface IncomingStreamOptions {
  readonly senderClock: SenderClock;
  readonly drops: DropCounts;
  /** Packets of each video encoding that are kept to be sent again. */
  readonly nackBufferSize: number;
}

export interface IncomingStreamOwner {
  /** The first packet that was not RTP, or not of the negotiated codec. */
  onMalformed(): void;
  /** The first packet that can be forwarded. */
  onStarted(nowMs: number): void;
  /** It is sent in another codec from the next packet on. */
  onCodec(nowMs: number): void;
  /** The sender is to be asked for something: `IncomingMedia.deadline` has changed. */
  onDeadline(): void;
}

/** Time between two changes of a stream's codec, at least: each one concerns the whole call. */
const MIN_CODEC_MS = 1_000;

/** RTP that the peer sends on one m-section, from whichever sources: reads each packet once, and hands it to the track that it feeds. */
export class IncomingStream {
  /** See `trackType`. */
  type: TrackType | undefined;
  /** As announced first: it stays, whatever is announced later. */
  streamClass: StreamClass | undefined;
  readonly drops: DropCounts;
  readonly #owner: IncomingStreamOwner;
  readonly #receiver: AudioReceiver | VideoReceiver;
  #received: ReceivedTrack;
  #codec: Codec;
  #codecChangedMs = Number.NEGATIVE_INFINITY;
  #isMalformed = false;
  #hasStarted = false;
  #track: IncomingTrack | undefined;

  constructor(received: ReceivedTrack, options: IncomingStreamOptions, owner: IncomingStreamOwner) {
    this.#owner = owner;
    this.drops = options.drops;
    this.#received = received;
    this.#codec = received.codec;
    this.#receiver =
      received.kind === 'audio' ? new AudioReceiver(this, options.senderClock) : new VideoReceiver(this, options);
  }

  /** The track as its section announces it now. */
  get received(): ReceivedTrack {
    return this.#received;
  }

  get codec(): Codec {
    return this.#codec;
  }

  get mid(): string {
    return this.#received.mid;
  }

  /** A packet came that can be forwarded. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** The track that it feeds. */
  get track(): IncomingTrack | undefined {
    return this.#track;
  }

  /** Sources that sent on this section, as far as they are in use. */
  get sources(): readonly RtpSource[] {
    return this.#receiver.sources;
  }

  /** Encodings of a video, the smallest first. */
  get levels(): readonly PublishedLevel[] {
    return this.video?.levels ?? [];
  }

  /** Undefined for audio. */
  get video(): VideoReceiver | undefined {
    return this.#receiver instanceof VideoReceiver ? this.#receiver : undefined;
  }

  /** Returns whether the section takes packets of a payload type. */
  takes(payloadType: number): boolean {
    return this.#received.codecs.some((codec) => isPayloadTypeOf(codec, payloadType));
  }

  /** Returns whether a later negotiation is about this same stream, whatever its numbers. */
  isSame({ mid, streamId, rids }: ReceivedTrack): boolean {
    const known = this.#received;
    return mid === known.mid && streamId === known.streamId && rids.join() === known.rids.join();
  }

  /** Payload types and extension ids may have changed. The codec is the one before until packets of another one arrive, if there are any. */
  adopt(received: ReceivedTrack): void {
    const { codec, codecs } = received;
    const same = this.#hasStarted ? codecs.find((it) => isSameCodec(it, this.#codec)) : undefined;
    this.#received = received;
    this.#codec = same ?? codec;
    this.#receiver.adopt(received);
  }

  changeCodec(codec: Codec, nowMs: number): boolean {
    if (nowMs - this.#codecChangedMs < MIN_CODEC_MS) return false;
    this.#codecChangedMs = nowMs;
    this.#codec = codec;
    this.#receiver.adopt(this.#received);
    this.#owner.onCodec(nowMs);
    return true;
  }

  /** The track that its packets go to, or undefined for none. */
  feed(track: IncomingTrack | undefined): void {
    if (track === this.#track) return;
    this.#track = track;
    track?.fedFrom(this.levels);
  }

  /** The transport has new keys: packet indices restart. */
  restart(): void {
    this.#receiver.restart();
  }

  /** A decrypted packet of this stream. Borrowed until return. */
  receive(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const headerLength = rtpHeaderLength(packet);
    if (headerLength < 0) this.dropMalformed('rtp_malformed');
    else this.#receiver.receive(packet, headerLength, rolloverCounter, nowMs);
  }

  /** A packet can be forwarded. */
  started(nowMs: number): void {
    if (this.#hasStarted) return;
    this.#hasStarted = true;
    this.#owner.onStarted(nowMs);
  }

  deadlineChanged(): void {
    this.#owner.onDeadline();
  }

  dropMalformed(reason: DropReason): void {
    this.drops[reason]++;
    if (this.#isMalformed) return;
    this.#isMalformed = true;
    this.#owner.onMalformed();
  }
}
