import type { TrackType } from '@rtcd/protocol';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { PublishedTrack } from '../../call/published-track.ts';
import { type StreamClass, trackType } from '../../call/track-type.ts';
import { SenderClock } from '../../rtcp/sender-clock.ts';
import { rtpHeaderLength } from '../../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../rtp/header-extensions.ts';
import { transportCcId } from '../../sdp/capabilities.ts';
import { isSameCodec } from '../../sdp/codec-table.ts';
import { IncomingStream, type IncomingStreamOptions } from './incoming-stream.ts';
import { IncomingTrack, type IncomingTrackOptions } from './incoming-track.ts';
import { RtpDemuxer } from './rtp-demuxer.ts';
import type { ReportedSource, RtpSource } from './rtp-source.ts';
import type { VideoLevel } from './video-level.ts';

export type IncomingMediaOptions = Omit<IncomingStreamOptions, 'senderClock'>;

export interface IncomingMediaOwner {
  /** The class that a MediaStream of the peer was announced with. */
  classOf(streamId: string): StreamClass | undefined;
  /** Returns whether a MediaStream of the peer is the screen that the session shares. */
  isScreen(streamId: string): boolean;
  trackOptions(type: TrackType): IncomingTrackOptions;
  /** Tracks that ended and began at once. */
  onTracks(ended: readonly PublishedTrack[], begun: readonly PublishedTrack[], nowMs: number): void;
  /** A track is sent in another codec from now on. */
  onCodecChanged(track: PublishedTrack, formerMimeType: string, nowMs: number): void;
  /** A source is in two sections; the second one gets nothing. */
  onRepeatedSsrc(ssrc: number): void;
  /** Packets of a stream are not RTP, or not of the negotiated codec. Told once per stream. */
  onMalformed(mid: string): void;
  /** The first packet of a stream that can be forwarded. */
  onStarted(mid: string, nowMs: number): void;
  /** A sender of video is to be asked for something: `deadline` has changed. */
  onDeadline(): void;
  /** Packets belong to no section. Told once per negotiation. */
  onStrays(): void;
}

/** Half a second of a voice: media may overtake the description that announces it. */
const STRAYS_TOLD_AT = 25;

/** The peer's streams, and the tracks that they feed: one per type and codec, from the stream that began to send last. */
export class IncomingMedia {
  readonly demuxer = new RtpDemuxer();
  readonly #owner: IncomingMediaOwner;
  readonly #options: IncomingStreamOptions;
  /** In the order in which they were negotiated, or began to send. */
  #streams: readonly IncomingStream[] = [];
  #levels: readonly VideoLevel[] = [];
  /** An id means one thing for all sections (RFC 9143 section 9.1). */
  #transportCcId = 0;
  /** By `feedOf`. */
  readonly #tracks = new Map<string, IncomingTrack>();

  constructor(options: IncomingMediaOptions, owner: IncomingMediaOwner) {
    this.#options = { ...options, senderClock: new SenderClock() };
    this.#owner = owner;
  }

  get streams(): readonly IncomingStream[] {
    return this.#streams;
  }

  /** Sources of all streams. */
  get sources(): readonly RtpSource[] {
    return this.#streams.flatMap(({ sources }) => sources);
  }

  /** Sources of all streams, and of their retransmission streams. */
  get reported(): readonly ReportedSource[] {
    return [...this.sources, ...this.#levels.flatMap(({ retransmissions }) => retransmissions ?? [])];
  }

  /** Encodings of all videos. */
  get levels(): readonly VideoLevel[] {
    return this.#levels;
  }

  /** The voice of the peer, if it has one. */
  get voice(): IncomingTrack | undefined {
    return this.#tracks.get(VOICE);
  }

  /** The transport has new keys. */
  connected(): void {
    for (const stream of this.#streams) stream.restart();
  }

  /** Makes streams begin and end as was negotiated. Those that continue adopt the numbers that now hold. */
  sync(received: readonly ReceivedTrack[], nowMs: number): void {
    const now = this.#withoutRepeatedSsrcs(received);
    const kept = this.#streams.filter((stream) => {
      const same = now.find((track) => stream.isSame(track));
      if (same) stream.adopt(same);
      return same !== undefined;
    });
    const begun = now
      .filter((track) => !kept.some((stream) => stream.isSame(track)))
      .map((track) => this.#begin(track));
    this.#streams = [...kept, ...begun];
    this.#levels = this.#streams.flatMap(({ video }) => video?.levels ?? []);
    this.#transportCcId = now.map(({ extensions }) => transportCcId(extensions)).find((id) => id !== 0) ?? 0;
    this.demuxer.sync(this.#streams);
    this.classify(nowMs);
    // As in the original: a voice that was just added is not muted, whatever its predecessor was.
    if (begun.some(({ type }) => type === 'voice')) this.voice?.setMuted(false);
  }

  /** Announcements may have changed. */
  classify(nowMs: number): void {
    for (const stream of this.#streams) {
      const { kind, streamId } = stream.received;
      stream.streamClass ??= this.#owner.classOf(streamId);
      stream.type = trackType(kind, stream.streamClass, this.#owner.isScreen(streamId));
    }
    this.#feedTracks(nowMs);
  }

  /** A decrypted RTP packet of the peer. Borrowed until return. */
  receive(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const stream = this.demuxer.find(packet);
    if (stream) return stream.receive(packet, rolloverCounter, nowMs);
    this.#options.drops.rtp_unknown_ssrc++;
    if (this.demuxer.strays === STRAYS_TOLD_AT) this.#owner.onStrays();
  }

  /** Takes the goodbye of a source. */
  receiveGoodbye(ssrc: number): void {
    for (const level of this.#levels) level.receiveGoodbye(ssrc);
  }

  /** Time when something is to be asked of a sender of video. */
  deadline(): number {
    let deadlineMs = Number.POSITIVE_INFINITY;
    for (const { source, requests } of this.#levels) {
      if (source) deadlineMs = Math.min(deadlineMs, requests.deadline());
    }
    return deadlineMs;
  }

  /** The transport-wide sequence number of a packet, -1 if it has none. */
  transportSequenceNumberOf(packet: Buffer): number {
    if (this.#transportCcId === 0 || rtpHeaderLength(packet) < 0) return -1;
    const at = findHeaderExtension(packet, this.#transportCcId);
    return at >= 0 && headerExtensionLength(packet, at) === 2 ? packet.readUInt16BE(at) : -1;
  }

  #begin(received: ReceivedTrack): IncomingStream {
    const stream = new IncomingStream(received, this.#options, {
      onCodec: (nowMs) => this.#feedTracks(nowMs),
      onDeadline: () => this.#owner.onDeadline(),
      onMalformed: () => this.#owner.onMalformed(stream.mid),
      onStarted: (nowMs) => {
        this.#streams = [...this.#streams.filter((other) => other !== stream), stream];
        this.#feedTracks(nowMs);
        this.#owner.onStarted(stream.mid, nowMs);
      },
    });
    return stream;
  }

  #withoutRepeatedSsrcs(received: readonly ReceivedTrack[]): readonly ReceivedTrack[] {
    const claimed = new Set<number>();
    return received.filter(({ ssrcs }) => {
      const repeated = ssrcs.find((ssrc) => claimed.has(ssrc));
      if (repeated !== undefined) this.#owner.onRepeatedSsrc(repeated);
      else for (const ssrc of ssrcs) claimed.add(ssrc);
      return repeated === undefined;
    });
  }

  #feedTracks(nowMs: number): void {
    const feeds = feedsOf(this.#streams);
    this.#followCodecs(feeds, nowMs);
    const ended: IncomingTrack[] = [];
    for (const [name, track] of this.#tracks) {
      if (feeds.has(name)) continue;
      track.close();
      ended.push(track);
      this.#tracks.delete(name);
    }
    const begun: IncomingTrack[] = [];
    for (const [name, { type, received, codec }] of feeds) {
      if (!type || this.#tracks.has(name)) continue;
      const track = new IncomingTrack(this.#owner.trackOptions(type), received.kind, codec);
      this.#tracks.set(name, track);
      begun.push(track);
    }
    for (const stream of this.#streams) {
      const name = feedOf(stream);
      stream.feed(name !== undefined && feeds.get(name) === stream ? this.#tracks.get(name) : undefined);
    }
    if (ended.length > 0 || begun.length > 0) this.#owner.onTracks(ended, begun, nowMs);
  }

  /** A track continues in the codec of its stream, unless there is one of that codec already. */
  #followCodecs(feeds: ReadonlyMap<string, IncomingStream>, nowMs: number): void {
    for (const [name, track] of this.#tracks) {
      const stream = this.#streams.find((it) => it.track === track);
      if (!stream || stream.type !== track.type || isSameCodec(stream.codec, track.codec)) continue;
      const followed = feedOf(stream);
      if (followed === undefined || feeds.get(followed) !== stream) continue;
      if (followed !== name && (feeds.has(name) || this.#tracks.has(followed))) continue;
      this.#tracks.delete(name);
      this.#tracks.set(followed, track);
      const { mimeType } = track;
      track.changeCodec(stream.codec);
      this.#owner.onCodecChanged(track, mimeType, nowMs);
    }
  }
}

/**
 * Stream that feeds each track: of several, the one that began to send last. A browser that changes its microphone while muted
 * sends from another section and leaves the first one open; a section on which nothing was sent yet displaces none.
 */
function feedsOf(streams: readonly IncomingStream[]): ReadonlyMap<string, IncomingStream> {
  const { true: sending = [], false: silent = [] } = Object.groupBy(streams, ({ hasStarted }) => `${hasStarted}`);
  const expected = [...silent.filter(({ received }) => received.isAnnounced), ...sending];
  return new Map(
    expected.flatMap((stream) => {
      const name = feedOf(stream);
      return name === undefined ? [] : [[name, stream] as const];
    }),
  );
}

/** The track that a stream would feed. A sender may send one video in two codecs, each a track of its own for those who can decode it. */
function feedOf({ type, codec, received: { kind } }: IncomingStream): string | undefined {
  return kind === 'video' && type ? `${type} ${codec.mimeType}` : type;
}

const VOICE: TrackType = 'voice';
