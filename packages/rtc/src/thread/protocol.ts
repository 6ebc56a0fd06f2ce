import type { MessagePort } from 'node:worker_threads';
import type { LocalAddress } from '@rtcd/packet-io';
import type { Candidate } from '../ice/candidate.ts';
import type { EngineCommand, EngineEvent } from '../sfu/messages.ts';
import type { EngineAnswers, EngineQuestion } from '../sfu/questions.ts';
import type { SfuOptions } from '../sfu/sfu-options.ts';
import type { Load } from './backlog.ts';
import type { LogBatch } from './log-relay.ts';
import type { MetricsBatch } from './metrics-relay.ts';
import type { PlainError } from './plain-error.ts';

/** The options of an SFU that can be cloned. */
export type EngineThreadOptions = Omit<
  SfuOptions,
  'logger' | 'metrics' | 'clock' | 'random' | 'lookupHost' | 'openIo' | 'connectToServer' | 'maxSessions'
>;

/** A command, and the group that it is done for. */
export interface GroupCommand {
  readonly groupID: string;
  readonly command: EngineCommand;
}

/** Message to the engine's thread. */
export type ToEngine =
  | { readonly type: 'commands'; readonly commands: readonly GroupCommand[] }
  /** A report was taken: another one may follow. */
  | { readonly type: 'received' }
  | { readonly type: 'question'; readonly id: number; readonly question: EngineQuestion }
  /** Answered on the port, apart from everything else. */
  | { readonly type: 'diagnose'; readonly question: DiagnosticsQuestion; readonly reply: MessagePort }
  | { readonly type: 'close' };

/** Question about the thread itself. */
export type DiagnosticsQuestion =
  | { readonly type: 'cpu_profile'; readonly durationMs: number }
  | { readonly type: 'event_loop_delay' };

export type DiagnosticsAnswer = { readonly found: object } | { readonly error: PlainError };

/** Message from the engine's thread. */
export type FromEngine =
  | {
      readonly type: 'opened';
      readonly localAddresses: readonly LocalAddress[];
      readonly candidates: readonly Candidate[];
    }
  | { readonly type: 'failed'; readonly error: PlainError }
  | EngineReport
  | { readonly type: 'answer'; readonly id: number; readonly answer: EngineAnswers[keyof EngineAnswers] }
  | { readonly type: 'answer_failed'; readonly id: number; readonly error: PlainError }
  /** An error that no code on the thread has handled. */
  | { readonly type: 'unhandled'; readonly error: PlainError }
  | { readonly type: 'closed' };

/** Events on the engine's thread since the report before. */
export interface EngineReport {
  readonly type: 'report';
  readonly events: readonly EngineEvent[];
  /** Events that were left out, since the owner took no report for so long. */
  readonly dropped: number;
  /** Commands done, by group. */
  readonly done: ReadonlyMap<string, Load>;
  readonly logs: LogBatch;
  readonly metrics: MetricsBatch;
}
