import type { PublishedLevel } from '../call/published-track.ts';
import { ALL_LAYERS, type Layers } from '../codecs/layers.ts';
import type { DtlsServerPhase } from '../dtls/handshake/server-state.ts';
import type { DtlsStats } from '../dtls/record/record-layer.ts';
import type { IceLiteAgent, IceState } from '../ice/agent.ts';
import type { MediaWay } from '../ice/media-way.ts';
import type { AllocationReason } from '../media/bandwidth/video-choice.ts';
import type { IncomingStream } from '../media/receive/incoming-stream.ts';
import type { RtpSource } from '../media/receive/rtp-source.ts';
import type { VideoLevel } from '../media/receive/video-level.ts';
import type { OutgoingTrack } from '../media/send/outgoing-track.ts';
import type { OutgoingVideo } from '../media/send/outgoing-video.ts';
import type { DataChannelsStats } from '../sctp/data-channels.ts';
import type { SctpPhase } from '../sctp/types.ts';
import { type Section, sentCodec } from '../signaling/section.ts';
import type { DropCounts } from './drops.ts';
import type { SessionEvent, StepTimes } from './event-log.ts';
import { type LevelName, levelName } from './level-name.ts';

/** A session at a glance. All that is here is plain data for JSON; times are in milliseconds. */
export interface SessionSummary {
  readonly groupID: string;
  readonly callID: string;
  readonly userID: string;
  readonly sessionID: string;
  /** Since the join. */
  readonly ageMs: number;
  /** Time from the join to each step that it reached: offer, ice, dtls, channel, media. */
  readonly reachedMs: StepTimes;
  /** The address that it sends to, and ours. */
  readonly path?: string;
  /** Types of the candidates at both ends of the path. */
  readonly way?: MediaWay;
  /** Those that are not zero. */
  readonly drops: Partial<DropCounts>;
}

/** State of a session, for tickets. Contains no keys and no passwords. */
export interface SessionSnapshot extends SessionSummary, TransportSnapshot, MediaSnapshot {
  readonly sections: readonly SectionSnapshot[];
  /** The last events, oldest first. */
  readonly events: readonly SessionEvent[];
  /** Events before those. */
  readonly eventsForgotten: number;
}

/** Media of one peer, in both directions. */
export interface MediaSnapshot {
  /** Bits per second that the way to the peer carries, as estimated. */
  readonly estimateBps: number;
  readonly pacer: PacerSnapshot;
  /** To the peer and back, by its reports. Missing before the first. */
  readonly roundTripMs?: number;
  readonly incoming: readonly IncomingSnapshot[];
  readonly outgoing: readonly OutgoingSnapshot[];
}

/** Packets of video that wait because they are part of a burst. */
export interface PacerSnapshot {
  readonly packets: number;
  /** Since the oldest of them waits; 0 if there is none. One that waits longer than a second is dropped. */
  readonly ageMs: number;
}

/** One peer's transport. */
export interface TransportSnapshot {
  readonly ice: IceSnapshot;
  /** Missing before the first offer. */
  readonly dtls?: DtlsSnapshot;
  /** Missing before a description with a data channel section. */
  readonly sctp?: SctpSnapshot;
}

/** ICE: the peer checks, we answer. */
export interface IceSnapshot {
  readonly state: IceState;
  /** Answered with success, and with an error. Others are among the drops. */
  readonly checks: { readonly accepted: number; readonly refused: number };
  readonly paths: readonly PathSnapshot[];
}

/** A path on which authentic checks of the peer came. */
export interface PathSnapshot {
  readonly path: string;
  readonly isSelected: boolean;
  /** The peer answered a check of ours there. Media goes nowhere else. */
  readonly isProven: boolean;
  readonly priority: number;
  /** Since the last check, which is the peer's consent to be sent media. */
  readonly lastConsentAgoMs: number;
  /** Since the last check with USE-CANDIDATE. Missing if there was none. */
  readonly nominatedAgoMs?: number;
}

/** DTLS. The counters are those of all associations of the session. */
export interface DtlsSnapshot {
  readonly phase: DtlsServerPhase;
  /** The last problem of the handshake; `timeout` if there was none. */
  readonly refusal: string;
  readonly stats: Readonly<DtlsStats>;
}

/** SCTP, with the counters of all associations of the session. */
export interface SctpSnapshot {
  readonly state: SctpPhase;
  readonly stats: DataChannelsStats;
}

/** One m-section, as both sides see it now. */
export interface SectionSnapshot {
  readonly mid: string;
  readonly kind: string;
  readonly createdBy: 'peer' | 'sfu';
  /** From here: `sendonly` is media to the peer. */
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive' | 'rejected';
  readonly codec?: string;
  /** The track that is sent here. */
  readonly trackId?: string;
}

/** A source of the peer. */
export interface IncomingSnapshot {
  readonly mid: string;
  /** The encoding that it sends, of several (RFC 8851). */
  readonly rid?: string;
  /** Missing for a stream that is no track of the call. */
  readonly type?: string;
  /** The track that it feeds, unless another stream does. */
  readonly trackId?: string;
  readonly codec: string;
  /** Fate of a voice's packets. Inactive ones are not among the loudest. Missing for all other tracks. */
  readonly voice?: 'forwarded' | 'muted' | 'inactive';
  /** Encoding of a video, by its size. */
  readonly level?: LevelName;
  /** Recent payload bits per second of a video. */
  readonly bitrateBps?: number;
  /** Key frames of a video that its sender was asked for. */
  readonly keyframeRequests?: number;
  /** SSRC of the source that sent last. Missing before its first packet. */
  readonly ssrc?: number;
  /** Value for that source. */
  readonly packets: number;
  readonly lost: number;
  readonly jitterMs: number;
}

/** A track on its way to the peer. */
export interface OutgoingSnapshot {
  readonly trackId: string;
  readonly senderID: string;
  readonly type: string;
  readonly codec: string;
  readonly ssrc: number;
  /** The peer takes it at the moment. */
  readonly isFlowing: boolean;
  readonly packets: number;
  readonly payloadBytes: number;
  /** Packets among them that were sent again. */
  readonly resentPackets: number;
  /** Encoding of a video that flows. Missing until its first key frame, and while it is paused. */
  readonly level?: LevelName;
  /** Encoding of a video that was chosen. Missing while it is paused. */
  readonly chosenLevel?: LevelName;
  /** Highest layers of a video that are sent, if others are left out. */
  readonly layers?: LayersSnapshot;
  /** Reason for the choice. */
  readonly reason?: AllocationReason;
  /** Recent payload bits per second of these layers of the encoding that flows. */
  readonly bitrateBps?: number;
  /** Key frames of a video that the peer asked for. Each time, its picture stood still or was broken. */
  readonly keyframeRequests?: number;
  /** As the peer reported last. */
  readonly lossRatio: number;
  readonly jitterMs: number;
  readonly roundTripMs?: number;
}

/** The highest layers of a video that are sent, as far as others are left out. */
export interface LayersSnapshot {
  readonly spatialId?: number;
  readonly temporalId?: number;
}

/** Takes down what an agent knows. `describe` writes a path for people. */
export function iceSnapshot(
  ice: IceLiteAgent,
  describe: (path: NonNullable<IceLiteAgent['selectedPath']>) => string,
  nowMs: number,
): IceSnapshot {
  const { accepted, refused } = ice.stats;
  return {
    state: ice.state,
    checks: { accepted, refused },
    paths: ice.validPaths.map(({ path, isProven, priority, lastCheckMs, isNominated, lastNominationMs }) => ({
      path: describe(path),
      isSelected: path === ice.selectedPath,
      isProven,
      priority,
      lastConsentAgoMs: Math.round(nowMs - lastCheckMs),
      ...(isNominated && { nominatedAgoMs: Math.round(nowMs - lastNominationMs) }),
    })),
  };
}

/** Records the state of a section. */
export function sectionSnapshot(section: Section): SectionSnapshot {
  const { mid, kind, createdBy, codecs, sending } = section;
  const codec = sentCodec(section) ?? codecs[0];
  return {
    mid,
    kind,
    createdBy,
    direction: directionOf(section),
    ...(codec && { codec: codec.mimeType }),
    ...(sending && { trackId: sending.track.id }),
  };
}

function directionOf({ rejected, sending, peerReceives, receiving }: Section): SectionSnapshot['direction'] {
  if (rejected) return 'rejected';
  if (sending && peerReceives) return receiving ? 'sendrecv' : 'sendonly';
  return receiving ? 'recvonly' : 'inactive';
}

/** Takes down how the sources of a stream arrive; of one that never sent, that it is there. */
export function incomingSnapshots(stream: IncomingStream, nowMs: number): IncomingSnapshot[] {
  const { mid, type, sources, track, video, codec } = stream;
  const section = {
    mid,
    ...(type && { type }),
    ...(track && { trackId: track.id }),
    codec: codec.mimeType,
    ...(track?.type === 'voice' && { voice: track.voiceState }),
  };
  if (sources.length === 0) return [{ ...section, packets: 0, lost: 0, jitterMs: 0 }];
  if (!video) return sources.map((source) => ({ ...section, ...arrivals(source) }));
  return video.levels.flatMap((level) =>
    level.source ? { ...section, ...levelSnapshot(level, video.levels, nowMs), ...arrivals(level.source) } : [],
  );
}

function levelSnapshot(level: VideoLevel, levels: readonly VideoLevel[], nowMs: number) {
  const name = levelName(level, levels);
  return {
    ...(level.rid !== '' && { rid: level.rid }),
    ...(name && { level: name }),
    bitrateBps: level.rates(nowMs).at(-1)?.bitrateBps ?? 0,
    keyframeRequests: level.requests.keyframeRequests,
  };
}

const arrivals = ({ ssrc, statistics: { received, lost, jitterMs } }: RtpSource) => ({
  ssrc,
  packets: received,
  lost,
  jitterMs,
});

/** Takes down how a track is sent, and how it arrives by the peer's own account. */
export function outgoingSnapshot(track: OutgoingTrack, nowMs: number): OutgoingSnapshot {
  const { source, ssrc, isFlowing, statistics, video, keyframeRequests } = track;
  const { packets, octets, resentPackets, lossRatio, jitterMs, roundTripMs } = statistics;
  return {
    trackId: source.id,
    senderID: source.senderID,
    type: source.type,
    codec: source.mimeType,
    ssrc,
    isFlowing,
    packets,
    payloadBytes: octets,
    resentPackets,
    ...(video && { ...choiceSnapshot(video, source.levels, nowMs), keyframeRequests }),
    lossRatio,
    jitterMs,
    ...(roundTripMs !== undefined && { roundTripMs }),
  };
}

function choiceSnapshot({ level, allocation }: OutgoingVideo, levels: readonly PublishedLevel[], nowMs: number) {
  const flowing = levelName(level, levels);
  const chosen = levelName(allocation.level, levels);
  const layers = layersSnapshot(allocation.layers);
  const rates = level?.rates(nowMs) ?? [];
  const rate = rates.find((it) => isSame(it.layers, allocation.layers)) ?? rates.at(-1);
  return {
    ...(flowing && { level: flowing }),
    ...(chosen && { chosenLevel: chosen }),
    ...(Object.keys(layers).length > 0 && { layers }),
    reason: allocation.reason,
    bitrateBps: rate?.bitrateBps ?? 0,
  };
}

/** Takes down which layers are the highest that are sent, as far as others are left out. */
export const layersSnapshot = ({ spatialId, temporalId }: Layers): LayersSnapshot => ({
  ...(spatialId < ALL_LAYERS.spatialId && { spatialId }),
  ...(temporalId < ALL_LAYERS.temporalId && { temporalId }),
});

const isSame = (one: Layers, other: Layers): boolean =>
  one.spatialId === other.spatialId && one.temporalId === other.temporalId;
