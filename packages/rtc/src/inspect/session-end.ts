import type { Logger } from '../ports.ts';
import type { EventLog } from './event-log.ts';
import type { SessionSummary } from './snapshot.ts';

const NORMAL_ENDS: ReadonlySet<string> = new Set([
  'left',
  'shutdown',
  'dtls: close_notify',
  'sctp: shutdown',
  'sctp: peer_aborted',
]);

/** Returns whether a session that ended for this reason has failed, rather than been ended by its user, its client, or the service. */
const isFailure = (reason: string): boolean => !NORMAL_ENDS.has(reason);

/** Leaves one line about how a session ended and how far it got, and one with its events: a warning if it failed. */
export function logSessionEnd(logger: Logger, reason: string, summary: SessionSummary, log: EventLog): void {
  const { ageMs, reachedMs, path, way, drops } = summary;
  logger.info({ reason, ageMs, reachedMs, path, way, drops }, 'session closed');
  const events = log.lines;
  if (isFailure(reason)) logger.warn({ reason, events }, 'session failed');
  else logger.debug({ events }, 'session events');
}
