import type { PacketPlane } from '@rtcd/packet-io';
import type { SessionConfig, TrackType } from '@rtcd/protocol';
import type { ActiveVoices } from '../call/active-voices.ts';
import type { NegotiatedMedia } from '../call/negotiated-media.ts';
import type { PublishedTrack } from '../call/published-track.ts';
import type { Speakers } from '../call/speakers.ts';
import type { StreamClass } from '../call/track-type.ts';
import type { DropCounts } from '../inspect/drops.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';
import { incomingSnapshots, type MediaSnapshot, outgoingSnapshot } from '../inspect/snapshot.ts';
import { VideoDecisions } from '../inspect/video-decisions.ts';
import type { VideoStreamCounter } from '../inspect/video-streams.ts';
import type { Clock, Random, RtcErrorType } from '../ports.ts';
import { VoiceActivityDetector } from '../voice-activity/detector.ts';
import { IncomingMedia } from './receive/incoming-media.ts';
import type { IncomingTrackOptions } from './receive/incoming-track.ts';
import { RtcpFeedback } from './rtcp-feedback.ts';
import { RtcpReports } from './rtcp-reports.ts';
import { RtcpRouter } from './rtcp-router.ts';
import type { FanOut } from './send/fan-out.ts';
import { OutgoingTracks } from './send/outgoing-tracks.ts';

export interface SessionMediaOptions {
  readonly config: SessionConfig;
  readonly io: Pick<PacketPlane, 'sendRtcp'>;
  readonly fanOut: FanOut;
  readonly random: Random;
  readonly clock: Clock;
  readonly journal: SessionJournal;
  readonly drops: DropCounts;
  /** The call's decision on which voices are forwarded. Undefined where all are. */
  readonly activeVoices: ActiveVoices | undefined;
  /** Members of the call by how lately they led the conversation. */
  readonly speakers: Speakers;
  /** Packets of each video encoding that are kept to be sent again: a power of two. */
  readonly nackBufferSize: number;
}

export interface SessionMediaOwner {
  /** The class that a MediaStream of the peer was announced with. */
  classOf(streamId: string): StreamClass | undefined;
  /** Returns whether a MediaStream of the peer is the screen that the session shares. */
  isScreen(streamId: string): boolean;
  /** Tracks that ended and began at once. */
  onTracks(ended: readonly PublishedTrack[], begun: readonly PublishedTrack[], nowMs: number): void;
  onVoice(speaking: boolean): void;
  /** Another session's peer needs something of this one's: `deadline` has changed. */
  onDeadline(): void;
}

const TRACK_ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** The media of one session: what its peer sends, what it is sent, and the reports about both. */
export class SessionMedia {
  readonly #options: SessionMediaOptions;
  readonly #owner: SessionMediaOwner;
  readonly #voice = new VoiceActivityDetector();
  readonly #reports: RtcpReports;
  readonly #rtcp: RtcpRouter;
  readonly #feedback: RtcpFeedback;
  readonly #incoming: IncomingMedia;
  readonly #outgoing: OutgoingTracks;
  #isSpeaking = false;

  constructor(options: SessionMediaOptions, owner: SessionMediaOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#incoming = this.#createIncoming();
    const decisions = new VideoDecisions(options.journal);
    this.#outgoing = new OutgoingTracks({
      ...options,
      groupID: options.journal.groupID,
      metrics: options.journal.metrics,
      onAllocated: (track, allocation, nowMs) =>
        decisions.decided(track, allocation, this.#outgoing.bandwidth.bps, nowMs),
      onDeadline: () => owner.onDeadline(),
    });
    const ssrc = Buffer.from(options.random(4)).readUInt32BE();
    this.#reports = new RtcpReports(this.#incoming, this.#outgoing.bySsrc, { ...options, ssrc });
    this.#feedback = new RtcpFeedback(this.#incoming, { io: options.io, ssrc });
    this.#rtcp = new RtcpRouter(this.#incoming, this.#outgoing, options);
  }

  /** The transport has keys: what is negotiated already begins to flow. */
  connected(slot: number, nowMs: number): void {
    this.#reports.start(slot, nowMs);
    this.#feedback.start(slot);
    this.#incoming.connected();
    this.#outgoing.connected(slot);
  }

  /** The keys and their slot end. What is negotiated flows again once there are others. */
  disconnected(): void {
    this.#reports.stop();
    this.#feedback.stop();
    this.#outgoing.disconnected();
  }

  /** Makes tracks begin and end as was negotiated. */
  sync({ receiving, sending }: NegotiatedMedia, nowMs: number): void {
    this.#incoming.sync(receiving, nowMs);
    this.#outgoing.sync(sending);
  }

  /** To be called when the session's announcements have changed. */
  announcementsChanged(nowMs: number): void {
    this.#incoming.classify(nowMs);
  }

  /** Mute stops the voice that is there, and nothing else: one that is added later is not muted. */
  setMuted(muted: boolean): void {
    this.#incoming.voice?.setMuted(muted);
    if (muted) this.#endSpeech();
  }

  /** A decrypted RTP packet of the peer. Borrowed until return. */
  receiveRtp(packet: Buffer, rolloverCounter: number, nowMs: number): void {
    const transportNumber = this.#incoming.transportSequenceNumberOf(packet);
    if (transportNumber >= 0) this.#feedback.received(transportNumber, packet.length, nowMs);
    this.#incoming.receive(packet, rolloverCounter, nowMs);
  }

  receiveRtcp(compound: Buffer, nowMs: number): void {
    this.#rtcp.receive(compound, nowMs);
  }

  /** All streams of the peer, and all tracks to it. */
  inspect(nowMs: number): MediaSnapshot {
    const { roundTripMs, bandwidth, pacer, bySsrc } = this.#outgoing;
    return {
      estimateBps: bandwidth.bps,
      pacer: { packets: pacer.waiting, ageMs: Math.round(pacer.ageMs(nowMs)) },
      ...(roundTripMs !== undefined && { roundTripMs }),
      incoming: this.#incoming.streams.flatMap((stream) => incomingSnapshots(stream, nowMs)),
      outgoing: Array.from(bySsrc.values(), (track) => outgoingSnapshot(track, nowMs)),
    };
  }

  countVideoStreams(counter: VideoStreamCounter): void {
    for (const track of this.#outgoing.bySsrc.values()) counter.add(this.#options.journal.groupID, track);
  }

  deadline(): number {
    return Math.min(this.#reports.deadline(), this.#feedback.deadline(), this.#outgoing.deadline());
  }

  timeout(nowMs: number): void {
    if (this.#reports.timeout(nowMs)) this.#observeEstimate();
    this.#feedback.timeout(nowMs, this.#outgoing.roundTripMs);
    this.#outgoing.timeout(nowMs);
  }

  #observeEstimate(): void {
    const { metrics, groupID } = this.#options.journal;
    if (this.#outgoing.sendsVideo) metrics.bandwidthEstimate(groupID, this.#outgoing.bandwidth.bps);
  }

  close(nowMs: number): void {
    this.disconnected();
    this.#incoming.sync([], nowMs);
  }

  #createIncoming(): IncomingMedia {
    const { journal, drops } = this.#options;
    const refuse = (error: RtcErrorType, fields: object, message: string) => {
      journal.countError(error);
      journal.logger.warn(fields, message);
    };
    return new IncomingMedia(
      { drops, nackBufferSize: this.#options.nackBufferSize },
      {
        classOf: (streamId) => this.#owner.classOf(streamId),
        isScreen: (streamId) => this.#owner.isScreen(streamId),
        trackOptions: (type) => this.#trackOptions(type),
        onTracks: (ended, begun, nowMs) => this.#onTracks(ended, begun, nowMs),
        onCodecChanged: (track, formerMimeType, nowMs) => this.#onCodecChanged(track, formerMimeType, nowMs),
        onRepeatedSsrc: (ssrc) => refuse('track', { ssrc }, 'track refused: duplicate SSRC'),
        onMalformed: (mid) => refuse('rtp', { mid }, 'packets dropped: malformed or wrong payload type'),
        onStarted: (mid, nowMs) => {
          journal.events.reach('media', nowMs);
          journal.record('media started', nowMs, `mid ${mid}`);
        },
        onDeadline: () => this.#owner.onDeadline(),
        onStrays: () => refuse('rtp', {}, 'packets dropped: no negotiated section matches'),
      },
    );
  }

  #trackOptions(type: TrackType): IncomingTrackOptions {
    const { config, fanOut, clock, journal, drops, activeVoices } = this.#options;
    return {
      id: `${type}_${config.sessionID}_${this.#randomCharacters(8)}`,
      type,
      senderID: config.sessionID,
      fanOut,
      drops,
      activeVoices: type === 'voice' ? activeVoices : undefined,
      onAudioLevel: type === 'voice' ? (level, nowMs) => this.#onAudioLevel(level, nowMs) : () => {},
      stopwatchMs: () => clock.nowMs(),
      onWritten: journal.metrics.trackWriteTime(journal.groupID, type),
    };
  }

  #onTracks(ended: readonly PublishedTrack[], begun: readonly PublishedTrack[], nowMs: number): void {
    const { journal } = this.#options;
    const { metrics, groupID, logger } = journal;
    for (const { id, type, mimeType } of ended) {
      metrics.trackRemoved(groupID, 'in', mimeType);
      journal.record('track unpublished', nowMs, id);
      logger.info({ trackId: id }, 'track unpublished');
      if (type === 'voice') this.#endSpeech();
    }
    for (const { id, mimeType } of begun) {
      metrics.trackAdded(groupID, 'in', mimeType);
      journal.record('track published', nowMs, id);
      logger.info({ trackId: id }, 'track published');
    }
    this.#owner.onTracks(ended, begun, nowMs);
  }

  #onCodecChanged(track: PublishedTrack, formerMimeType: string, nowMs: number): void {
    const { journal } = this.#options;
    const { metrics, groupID, logger } = journal;
    const { id, mimeType } = track;
    metrics.trackRemoved(groupID, 'in', formerMimeType);
    metrics.trackAdded(groupID, 'in', mimeType);
    journal.record('codec changed', nowMs, `${id} ${mimeType}`);
    logger.info({ trackId: id, codec: mimeType }, 'codec changed');
    // Others may have to do without it now, or get it again.
    this.#owner.onTracks([], [], nowMs);
  }

  #onAudioLevel(level: number, nowMs: number): void {
    this.#voice.push(level, nowMs);
    this.#tellVoice(this.#voice.isActive);
  }

  #endSpeech(): void {
    this.#voice.reset();
    this.#tellVoice(false);
  }

  #tellVoice(speaking: boolean): void {
    if (speaking === this.#isSpeaking) return;
    this.#isSpeaking = speaking;
    this.#options.speakers.setSpeaking(this.#options.config.sessionID, speaking);
    this.#owner.onVoice(speaking);
  }

  #randomCharacters(count: number): string {
    return Array.from(this.#options.random(count), (byte) => TRACK_ID_ALPHABET[byte & 31]).join('');
  }
}
