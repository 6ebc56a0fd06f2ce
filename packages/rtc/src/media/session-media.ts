import type { PacketIo } from '@rtcd/packet-io';
import type { SessionConfig, TrackType } from '@rtcd/protocol';
import type { PublishedTrack } from '../call/published-track.ts';
import type { Clock, Logger, Random, RtcMetrics } from '../ports.ts';
import { ssrcOf } from '../rtp/header.ts';
import type { ReceivedTrack, Section } from '../signalling/section.ts';
import { VoiceActivityDetector } from '../voice-activity/detector.ts';
import type { FanOut } from './fan-out.ts';
import { IncomingTrack } from './incoming-track.ts';
import { OutgoingTracks } from './outgoing-tracks.ts';
import { RtcpReports } from './rtcp-reports.ts';

export interface SessionMediaOptions {
  readonly config: SessionConfig;
  readonly io: PacketIo;
  readonly fanOut: FanOut;
  readonly random: Random;
  readonly clock: Clock;
  readonly metrics: RtcMetrics;
  readonly logger: Logger;
}

export interface SessionMediaPort {
  /** Whether a MediaStream of the peer is the screen that the session announced. */
  isScreen(streamId: string): boolean;
  onPublished(track: PublishedTrack): void;
  onUnpublished(track: PublishedTrack): void;
  onVoice(speaking: boolean): void;
}

const TRACK_ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The media of one session: what its peer sends, what it is sent, and the reports about both. */
export class SessionMedia {
  readonly #options: SessionMediaOptions;
  readonly #port: SessionMediaPort;
  readonly #voice: VoiceActivityDetector;
  readonly #reports: RtcpReports;
  /** By mid. */
  readonly #incoming = new Map<string, IncomingTrack>();
  /** By SSRC: where a packet finds its track. */
  readonly #incomingBySsrc = new Map<number, IncomingTrack>();
  readonly #outgoing: OutgoingTracks;
  #muted = false;
  #isSpeaking = false;

  constructor(options: SessionMediaOptions, port: SessionMediaPort) {
    this.#options = options;
    this.#port = port;
    this.#voice = new VoiceActivityDetector();
    const { config, random, metrics } = options;
    this.#outgoing = new OutgoingTracks({ groupID: config.groupID, random, metrics });
    this.#reports = new RtcpReports(this.#incomingBySsrc, this.#outgoing.bySsrc, options);
  }

  /** The transport has keys: what is negotiated already begins to flow. */
  connected(slot: number, nowMs: number): void {
    this.#reports.start(slot, nowMs);
    this.#outgoing.connected(slot);
  }

  /** Makes tracks begin and end as was negotiated. */
  sync(sections: readonly Section[]): void {
    this.#syncIncoming(sections.flatMap(({ receiving }) => (receiving ? [receiving] : [])));
    this.#outgoing.sync(sections);
  }

  /** Mute stops the voice and nothing else. */
  setMuted(muted: boolean): void {
    this.#muted = muted;
    for (const track of this.#incoming.values()) if (track.type === 'voice') track.setMuted(muted);
    if (!muted) return;
    this.#voice.reset();
    this.#tellVoice(false);
  }

  /** A decrypted RTP packet of the peer. Borrowed until return. */
  receiveRtp(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    this.#incomingBySsrc.get(ssrcOf(packet))?.receive(packet, rolloverCounter, nowMs);
  }

  receiveRtcp(compound: Buffer, nowMs: number): void {
    this.#reports.receive(compound, nowMs);
  }

  deadline(): number {
    return this.#reports.deadline();
  }

  timeout(nowMs: number): void {
    this.#reports.timeout(nowMs);
  }

  close(): void {
    this.#outgoing.close();
    this.#syncIncoming([]);
    this.#tellVoice(false);
  }

  #syncIncoming(received: readonly ReceivedTrack[]): void {
    const byMid = new Map(received.map((track) => [track.mid, track]));
    for (const [mid, track] of this.#incoming) {
      if (!isSame(track.received, byMid.get(mid))) this.#endIncoming(mid, track);
    }
    for (const track of received) if (!this.#incoming.has(track.mid)) this.#beginIncoming(track);
  }

  #beginIncoming(received: ReceivedTrack): void {
    if (this.#incomingBySsrc.has(received.ssrc)) {
      this.#options.metrics.error(this.#options.config.groupID, 'track');
      this.#options.logger.warn({ ssrc: received.ssrc }, 'refusing a second track under the same SSRC');
      return;
    }
    const { config, fanOut, clock, metrics, logger } = this.#options;
    const type = this.#typeOf(received);
    const track = new IncomingTrack({
      id: `${type}_${config.sessionID}_${this.#randomCharacters(8)}`,
      type,
      senderID: config.sessionID,
      received,
      fanOut,
      muted: type === 'voice' && this.#muted,
      onMalformed: () => {
        metrics.error(config.groupID, 'rtp');
        logger.warn({ trackID: track.id }, 'dropping what is not RTP of the negotiated codec');
      },
      onAudioLevel: type === 'voice' ? (level, nowMs) => this.#onAudioLevel(level, nowMs) : () => {},
      stopwatchMs: () => clock.nowMs(),
      onWritten: metrics.trackWriteTime(config.groupID, type),
    });
    this.#incoming.set(received.mid, track);
    this.#incomingBySsrc.set(received.ssrc, track);
    metrics.trackAdded(config.groupID, 'in', track.mimeType);
    this.#options.logger.info({ trackID: track.id }, 'track published');
    this.#port.onPublished(track);
  }

  #endIncoming(mid: string, track: IncomingTrack): void {
    this.#incoming.delete(mid);
    this.#incomingBySsrc.delete(track.ssrc);
    this.#options.metrics.trackRemoved(this.#options.config.groupID, 'in', track.mimeType);
    this.#options.logger.info({ trackID: track.id }, 'track unpublished');
    this.#port.onUnpublished(track);
  }

  #typeOf({ kind, streamId }: ReceivedTrack): TrackType {
    const isScreen = this.#port.isScreen(streamId);
    if (kind === 'audio') return isScreen ? 'screen-audio' : 'voice';
    return isScreen ? 'screen' : 'video';
  }

  #onAudioLevel(level: number, nowMs: number): void {
    this.#voice.push(level, nowMs);
    this.#tellVoice(this.#voice.isActive);
  }

  #tellVoice(speaking: boolean): void {
    if (speaking === this.#isSpeaking) return;
    this.#isSpeaking = speaking;
    this.#port.onVoice(speaking);
  }

  #randomCharacters(count: number): string {
    return Array.from(this.#options.random(count), (byte) => TRACK_ID_ALPHABET[byte & 31]).join('');
  }
}

const isSame = (track: ReceivedTrack, now: ReceivedTrack | undefined): boolean =>
  now !== undefined &&
  now.ssrc === track.ssrc &&
  now.streamId === track.streamId &&
  now.codec.payloadType === track.codec.payloadType;
