import type { TrackType } from '@rtcd/protocol';
import { type ActiveVoices, VoiceLoudness } from '../../call/active-voices.ts';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { PublishedLevel, PublishedTrack, SourcePacket, Subscriber } from '../../call/published-track.ts';
import type { DropCounts } from '../../inspect/drops.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import type { Codec } from '../../sdp/description.ts';
import type { FanOut } from '../send/fan-out.ts';

export interface IncomingTrackOptions {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly fanOut: FanOut;
  readonly drops: DropCounts;
  /** Decides which packets of a voice are forwarded. Missing where all are, and for all other tracks. */
  readonly activeVoices?: ActiveVoices | undefined;
  /** The byte of RFC 6464 of each packet that has one. */
  onAudioLevel(level: number, nowMs: number): void;
  /** Clock for the times of a packet's fan-out, in milliseconds. */
  stopwatchMs(): number;
  /** Time that one packet took to all of its receivers. */
  onWritten(seconds: number): void;
}

/** A track as the rest of the call knows it, and where a packet of whatever stream feeds it goes from here. */
export class IncomingTrack implements PublishedTrack {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly kind: 'audio' | 'video';
  readonly #options: IncomingTrackOptions;
  readonly #subscribers: Subscriber[] = [];
  readonly #extensions = new HeaderExtensionWriter();
  readonly #loudness = new VoiceLoudness();
  #codec: Codec;
  #levels: readonly PublishedLevel[] = [];
  #muted = false;

  constructor(options: IncomingTrackOptions, kind: ReceivedTrack['kind'], codec: Codec) {
    this.id = options.id;
    this.type = options.type;
    this.senderID = options.senderID;
    this.kind = kind;
    this.#codec = codec;
    this.#options = options;
  }

  get codec(): Codec {
    return this.#codec;
  }

  get mimeType(): string {
    return this.#codec.mimeType;
  }

  get clockRate(): number {
    return this.#codec.clockRate;
  }

  get parameters(): string {
    return this.#codec.parameters;
  }

  get hasRed(): boolean {
    return this.#codec.red !== undefined;
  }

  get levels(): readonly PublishedLevel[] {
    return this.#levels;
  }

  attach(subscriber: Subscriber): void {
    this.#subscribers.push(subscriber);
  }

  detach(subscriber: Subscriber): void {
    const index = this.#subscribers.indexOf(subscriber);
    if (index >= 0) this.#subscribers.splice(index, 1);
    if (this.#subscribers.length === 0) for (const level of this.#levels) level.cancelKeyframeRequest();
  }

  /** State of a voice. */
  get voiceState(): 'forwarded' | 'muted' | 'inactive' {
    if (this.#muted) return 'muted';
    return this.#options.activeVoices === undefined || this.#loudness.isActive ? 'forwarded' : 'inactive';
  }

  /** While muted nothing is forwarded; afterwards it continues as if there had been no pause. */
  setMuted(muted: boolean): void {
    if (this.#muted && !muted) this.sourceSwitched();
    this.#muted = muted;
    if (muted) this.close();
  }

  /** Gives up its place among the active voices. */
  close(): void {
    this.#options.activeVoices?.remove(this.#loudness);
  }

  /** Another stream feeds the track from now on, with these encodings. */
  fedFrom(levels: readonly PublishedLevel[]): void {
    this.#levels = levels;
    this.sourceSwitched();
  }

  /** The packets to come are of another codec, and begin with a key frame. */
  changeCodec(codec: Codec): void {
    this.#codec = codec;
    for (const subscriber of this.#subscribers) subscriber.codecChanged();
  }

  /** An encoding has another source: its receivers can follow it from the next key frame on. */
  levelRestarted(level: PublishedLevel): void {
    for (const subscriber of this.#subscribers) subscriber.resume(level);
  }

  /** The numbers of the packets to come have nothing to do with those that were forwarded. */
  sourceSwitched(): void {
    for (const subscriber of this.#subscribers) subscriber.resume();
  }

  /** A packet of the stream: per subscriber, rewrite the header; then protect and send, which packet-io does for all of them together. */
  forward(packet: Buffer, payloadStart: number, source: SourcePacket): void {
    const { fanOut, drops, stopwatchMs, onAudioLevel, onWritten } = this.#options;
    if (this.#muted) {
      drops.rtp_muted++;
      return;
    }
    if (source.audioLevel >= 0) onAudioLevel(source.audioLevel, source.arrivedMs);
    if (!this.#isActive(source)) {
      drops.rtp_inactive_voice++;
      return;
    }
    if (this.#subscribers.length === 0) return;
    const startedMs = stopwatchMs();
    if (!fanOut.begin(packet, payloadStart, source.payloadLength)) {
      drops.send_too_large++;
      return;
    }
    for (const subscriber of this.#subscribers) {
      const offset = fanOut.headerOffset;
      const end = subscriber.writeHeader(fanOut.arena, offset, source, this.#extensions);
      if (end < 0) drops.rtp_late++;
      else if (end > offset) {
        const { slot, rolloverCounter, prefixLength, replacedLength } = subscriber;
        fanOut.push(slot, rolloverCounter, end - offset, prefixLength, replacedLength);
      }
    }
    fanOut.flush();
    onWritten((stopwatchMs() - startedMs) / 1000);
  }

  /** A voice that becomes active continues as if there had been no pause. */
  #isActive({ audioLevel, arrivedMs }: SourcePacket): boolean {
    const { activeVoices } = this.#options;
    if (activeVoices === undefined) return true;
    const wasActive = this.#loudness.isActive;
    const isActive = activeVoices.admits(this.#loudness, audioLevel, arrivedMs);
    if (isActive && !wasActive) this.sourceSwitched();
    return isActive;
  }
}
