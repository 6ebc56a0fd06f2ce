import type { CandidateProtocol } from '../ice/candidate.ts';
import type { CallSnapshot, CallSummary } from '../inspect/call-snapshot.ts';
import type { DropCounts } from '../inspect/drops.ts';
import type { SessionSnapshot, SessionSummary } from '../inspect/snapshot.ts';
import type { VideoStreamCount } from '../inspect/video-streams.ts';
import type { SessionNumber } from './messages.ts';

/** Question about the engine's state. Plain data, as commands are. */
export type EngineQuestion =
  | { readonly type: 'totals' }
  | { readonly type: 'sessions' }
  | { readonly type: 'session'; readonly session: SessionNumber }
  | { readonly type: 'calls' }
  | { readonly type: 'call'; readonly groupID: string; readonly callID: string }
  | { readonly type: 'start_capture'; readonly session: SessionNumber }
  | { readonly type: 'stop_capture'; readonly capture: number };

/** Totals of an engine since it was opened. */
export interface EngineTotals {
  /** Packets and messages dropped, those of closed sessions included. */
  readonly drops: Readonly<DropCounts>;
  /** Videos that receivers are sent now, by their encodings. */
  readonly videoStreams: readonly VideoStreamCount[];
  /** Sessions by the protocol of the path that they are sent to. */
  readonly paths: Readonly<Record<CandidateProtocol, number>>;
  /** Time for which the thread that forwards media has not waited for anything. */
  readonly busySeconds: number;
}

/** Answer to each question. Undefined: there is no such session or call, or too many recordings run. */
export interface EngineAnswers {
  readonly totals: EngineTotals;
  readonly sessions: readonly SessionSummary[];
  readonly session: SessionSnapshot | undefined;
  readonly calls: readonly CallSummary[];
  readonly call: CallSnapshot | undefined;
  /** The number of the recording. */
  readonly start_capture: number | undefined;
  /** The file, empty if there is no such recording. */
  readonly stop_capture: Uint8Array;
}
