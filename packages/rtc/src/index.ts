export type { DtlsStats } from './dtls/record/record-layer.ts';
export { RtcError, type RtcErrorCode } from './errors.ts';
export type { IceState } from './ice/agent.ts';
export type { Candidate, CandidateProtocol, CandidateType, TcpType } from './ice/candidate.ts';
export type { MediaWay } from './ice/media-way.ts';
export type { CallSnapshot, CallSummary, MemberSnapshot, VoicesSnapshot } from './inspect/call-snapshot.ts';
export { DROP_REASONS, type DropCounts, type DropReason } from './inspect/drops.ts';
export type { SessionEvent, SessionEventName, SessionStep, StepTimes } from './inspect/event-log.ts';
export type { LevelName } from './inspect/level-name.ts';
export type {
  DtlsSnapshot,
  IceSnapshot,
  IncomingSnapshot,
  LayersSnapshot,
  MediaSnapshot,
  OutgoingSnapshot,
  PacerSnapshot,
  PathSnapshot,
  SctpSnapshot,
  SectionSnapshot,
  SessionSnapshot,
  SessionSummary,
  TransportSnapshot,
} from './inspect/snapshot.ts';
export type { VideoStreamCount } from './inspect/video-streams.ts';
export type { LookupHost } from './io/host-names.ts';
export { IGNORED_INTERFACES_DEFAULT, type IgnoreReason, interfaceMatcher } from './io/listen-addresses.ts';
export type {
  ConnectToServer,
  ServerConnection,
  ServerHandlers,
  ServerTarget,
} from './io/server-connection.ts';
export type { TlsFiles } from './io/tls-files.ts';
export type { AllocationReason } from './media/bandwidth/video-choice.ts';
export { openSfu } from './open-sfu.ts';
export {
  type Clock,
  type ConnectionStateType,
  type Logger,
  type Random,
  type RtcErrorType,
  type RtcMetrics,
  silentLogger,
  silentMetrics,
  systemClock,
  type TrackDirection,
} from './ports.ts';
export type { DataChannelsStats } from './sctp/data-channels.ts';
export type { SctpStats } from './sctp/stats.ts';
export type { SctpPhase } from './sctp/types.ts';
export { ADDRESS_REASONS, type AddressEntry, type AddressReason } from './sfu/address-table.ts';
export type { IoHandlers } from './sfu/engine.ts';
export type { SfuEvents, SfuFront } from './sfu/front.ts';
export { type NetworkProbe, probeNetwork, type StunProbe } from './sfu/probe-network.ts';
export type { SfuOptions } from './sfu/sfu-options.ts';
export { type AllocationOutcome, type TryAllocationOptions, tryAllocation } from './sfu/try-allocation.ts';
export type { SessionCapture, Sfu, SfuStats } from './sfu.ts';
export type { TransportAddress } from './stun/address.ts';
export { openSfuThread, type SfuThread, type SfuThreadOptions, type ThreadCapture } from './thread/sfu-thread.ts';
export type { TurnServer } from './transport/turn-server.ts';
export type { TurnAllocation, TurnFailure } from './turn/client-owner.ts';
export { createTurnCredentials, type TurnCredentials, type TurnCredentialsOptions } from './turn/credentials.ts';
