import type { TrackType } from '@rtcd/protocol';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { PublishedTrack } from '../../call/published-track.ts';
import { type StreamClass, trackType } from '../../call/track-type.ts';
import type { DropCounts } from '../../inspect/drops.ts';
import { SenderClock } from '../../rtcp/sender-clock.ts';
import { IncomingStream } from './incoming-stream.ts';
import { IncomingTrack, type IncomingTrackOptions } from './incoming-track.ts';
import { RtpDemuxer } from './rtp-demuxer.ts';

export interface IncomingMediaPort {
  /** The class that a MediaStream of the peer was announced with. */
  classOf(streamId: string): StreamClass | undefined;
  /** Returns whether a MediaStream of the peer is the screen that the session shares. */
  isScreen(streamId: string): boolean;
  trackOptions(type: TrackType): IncomingTrackOptions;
  /** Tracks that ended and began at once. */
  onTracks(ended: readonly PublishedTrack[], begun: readonly PublishedTrack[]): void;
  /** A source stands in two sections; the second one gets nothing. */
  onRepeatedSsrc(ssrc: number): void;
  /** Packets of a stream are not RTP, or not of the negotiated codec. Told once per stream. */
  onMalformed(mid: string): void;
  /** The first packet of a stream that can be forwarded. */
  onStarted(mid: string): void;
  /** Packets belong to no section. Told once per negotiation. */
  onStrays(): void;
}

/** Half a second of a voice: media may overtake the description that announces it. */
const STRAYS_TOLD_AT = 25;

/** The peer's streams, and the tracks that they feed: one per type, from the stream that began to send last. */
export class IncomingMedia {
  readonly demuxer = new RtpDemuxer();
  readonly #port: IncomingMediaPort;
  readonly #drops: DropCounts;
  readonly #clock = new SenderClock();
  /** In the order in which they were negotiated, or began to send. */
  #streams: readonly IncomingStream[] = [];
  readonly #tracks = new Map<TrackType, IncomingTrack>();

  constructor(drops: DropCounts, port: IncomingMediaPort) {
    this.#drops = drops;
    this.#port = port;
  }

  get streams(): readonly IncomingStream[] {
    return this.#streams;
  }

  track(type: TrackType): IncomingTrack | undefined {
    return this.#tracks.get(type);
  }

  /** The transport has new keys. */
  connected(): void {
    for (const stream of this.#streams) stream.restart();
  }

  /** Makes streams begin and end as was negotiated. Those that go on adopt the numbers that now hold. */
  sync(received: readonly ReceivedTrack[]): void {
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
    this.demuxer.sync(this.#streams);
    this.classify();
    // As in the original: a voice that was just added is not muted, whatever its predecessor was.
    if (begun.some(({ type }) => type === 'voice')) this.track('voice')?.setMuted(false);
  }

  /** Announcements may have changed. */
  classify(): void {
    for (const stream of this.#streams) {
      const { kind, streamId } = stream.received;
      stream.streamClass ??= this.#port.classOf(streamId);
      stream.type = trackType(kind, stream.streamClass, this.#port.isScreen(streamId));
    }
    this.#feedTracks();
  }

  /** A decrypted RTP packet of the peer. Borrowed until return. */
  receive(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const stream = this.demuxer.find(packet);
    if (stream) return stream.receive(packet, rolloverCounter, nowMs);
    this.#drops.rtp_unknown_ssrc++;
    if (this.demuxer.strays === STRAYS_TOLD_AT) this.#port.onStrays();
  }

  #begin(received: ReceivedTrack): IncomingStream {
    const stream = new IncomingStream(received, this.#clock, this.#drops, {
      onMalformed: () => this.#port.onMalformed(stream.mid),
      onStarted: () => {
        this.#streams = [...this.#streams.filter((other) => other !== stream), stream];
        this.#feedTracks();
        this.#port.onStarted(stream.mid);
      },
    });
    return stream;
  }

  #withoutRepeatedSsrcs(received: readonly ReceivedTrack[]): readonly ReceivedTrack[] {
    const claimed = new Set<number>();
    return received.filter(({ ssrcs }) => {
      const repeated = ssrcs.find((ssrc) => claimed.has(ssrc));
      if (repeated !== undefined) this.#port.onRepeatedSsrc(repeated);
      else for (const ssrc of ssrcs) claimed.add(ssrc);
      return repeated === undefined;
    });
  }

  #feedTracks(): void {
    const feeds = feedsOf(this.#streams);
    const ended = [...this.#tracks.values()].filter(({ type }) => !feeds.has(type));
    for (const { type } of ended) this.#tracks.delete(type);
    const begun: IncomingTrack[] = [];
    for (const [type, { received }] of feeds) {
      if (this.#tracks.has(type)) continue;
      const track = new IncomingTrack(this.#port.trackOptions(type), received);
      this.#tracks.set(type, track);
      begun.push(track);
    }
    for (const stream of this.#streams) {
      stream.feed(stream.type && feeds.get(stream.type) === stream ? this.#tracks.get(stream.type) : undefined);
    }
    if (ended.length > 0 || begun.length > 0) this.#port.onTracks(ended, begun);
  }
}

/**
 * Which stream each track is fed from: of several, the one that began to send last. A browser that changes its microphone while muted
 * sends from another section and leaves the first one open; a section on which nothing was sent yet displaces none.
 */
function feedsOf(streams: readonly IncomingStream[]): ReadonlyMap<TrackType, IncomingStream> {
  const { true: sending = [], false: silent = [] } = Object.groupBy(streams, ({ hasStarted }) => `${hasStarted}`);
  const expected = [...silent.filter(({ received }) => received.isAnnounced), ...sending];
  return new Map(expected.flatMap((stream) => (stream.type ? [[stream.type, stream] as const] : [])));
}
