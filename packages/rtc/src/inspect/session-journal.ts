import type { SessionConfig } from '@rtcd/protocol';
import type { Logger, RtcErrorType, RtcMetrics } from '../ports.ts';
import { EventLog, type SessionEventName } from './event-log.ts';

export interface SessionJournalOptions {
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
}

/** Record of one session, in all the places where people look for it: its events, the log, and the metrics. */
export class SessionJournal {
  readonly groupID: string;
  /** Names the session in every line. */
  readonly logger: Logger;
  readonly metrics: RtcMetrics;
  readonly events: EventLog;

  constructor(
    { groupID, callID, sessionID }: SessionConfig,
    { logger, metrics }: SessionJournalOptions,
    nowMs: number,
  ) {
    this.groupID = groupID;
    this.logger = logger.child({ sessionID, callID, groupID });
    this.metrics = metrics;
    this.events = new EventLog(nowMs);
  }

  record(event: SessionEventName, nowMs: number, detail?: string): void {
    this.events.record(event, nowMs, detail);
  }

  countError(error: RtcErrorType): void {
    this.metrics.error(this.groupID, error);
  }
}
