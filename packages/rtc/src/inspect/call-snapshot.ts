import type { IncomingSnapshot, MediaSnapshot, OutgoingSnapshot, PacerSnapshot, SessionSummary } from './snapshot.ts';

/** A call at a glance. All that is here is plain data for JSON. */
export interface CallSummary {
  readonly groupID: string;
  readonly callID: string;
  /** Number of members. */
  readonly sessions: number;
  /** Milliseconds since the join of the member that joined first. */
  readonly ageMs: number;
  /** Session that shares its screen. */
  readonly sharer?: string;
}

/** A call as it is: its members, what each of them sends, and what of it each of them is sent, and why. */
export interface CallSnapshot extends CallSummary {
  /** In the order of their joins. */
  readonly members: readonly MemberSnapshot[];
}

/** One member of a call. */
export interface MemberSnapshot extends Pick<SessionSummary, 'sessionID' | 'userID' | 'ageMs' | 'path'> {
  /** Bits per second that the way to the peer carries, as estimated. */
  readonly estimateBps: number;
  readonly pacer: PacerSnapshot;
  readonly roundTripMs?: number;
  readonly sends: readonly IncomingSnapshot[];
  /** Videos and the sound of screens. */
  readonly receives: readonly OutgoingSnapshot[];
  readonly voices: VoicesSnapshot;
}

/** All voices that one member is sent, taken together: a call of 1,000 has a million. */
export interface VoicesSnapshot {
  /** Number of those that the peer takes. */
  readonly count: number;
  /** Loss of the one that arrives worst, as the peer reported last. */
  readonly maxLossRatio: number;
}

/** Takes down a member of a call. */
export function memberSnapshot(
  { sessionID, userID, ageMs, path }: SessionSummary,
  { estimateBps, pacer, roundTripMs, incoming, outgoing }: MediaSnapshot,
): MemberSnapshot {
  const voices = outgoing.filter(({ type, isFlowing }) => type === 'voice' && isFlowing);
  return {
    sessionID,
    userID,
    ageMs,
    ...(path !== undefined && { path }),
    estimateBps,
    pacer,
    ...(roundTripMs !== undefined && { roundTripMs }),
    sends: incoming,
    receives: outgoing.filter(({ type }) => type !== 'voice'),
    voices: { count: voices.length, maxLossRatio: Math.max(0, ...voices.map(({ lossRatio }) => lossRatio)) },
  };
}
