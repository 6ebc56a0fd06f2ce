import { type ClientMessage, RtcMessageType } from '@rtcd/protocol';
import type { WsServerLimits } from '@rtcd/ws/server';

// Microseconds of CPU beyond reading the message, here and in the SFU: estimates, rounded up.
const JOIN_US = 1_000;
const LEAVE_US = 300;
const RECONNECT_US = 50;
/** Parsing it, answering it, and negotiating with the rest of the call. */
const DESCRIPTION_US = 1_500;
const SIGNAL_US = 50;

const PERCENT_US = 10_000;
/** A client has several connections, if it consists of several nodes: one alone cannot use up everything. */
const CONNECTION_SHARE = 0.8;
/** Seconds whose work may be done at once: people join at the full hour. */
const BURST_S = 2;

/** Budgets of the work of one client, and of each of its connections. */
export function workLimits(cpuPercent: number): Pick<WsServerLimits, 'clientWork' | 'connectionWork'> {
  const rate = (perSecond: number) => ({ perSecond, capacity: BURST_S * perSecond });
  const perSecond = cpuPercent * PERCENT_US;
  return { clientWork: rate(perSecond), connectionWork: rate(CONNECTION_SHARE * perSecond) };
}

/** Charge for a message that is refused: an error with its stack, and perhaps a line in the log. */
export const REFUSAL_US = 500;

/**
 * Charge for a session that ends before its client has passed on any description of the peer. People who change their minds are few; a client that only joins
 * fills the memory with sessions that wait, and must not fill it again when these have timed out.
 */
export const ABANDONED_SESSION_US = 4_000;

/** Work that a client's message causes, in microseconds: what its sender is charged. */
export function workOf(message: ClientMessage): number {
  switch (message.type) {
    case 'join':
      return JOIN_US;
    case 'leave':
      return LEAVE_US;
    case 'reconnect':
      return RECONNECT_US;
    case 'rtc':
      return message.data.type === RtcMessageType.SDP ? DESCRIPTION_US : SIGNAL_US;
    case 'hello':
    case 'close':
    case 'vad':
      return 0; // refused
    default:
      return message satisfies never;
  }
}
