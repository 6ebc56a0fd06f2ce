import { randomBytes } from 'node:crypto';
import { RtcError } from '../errors.ts';
import { type LookupHost, systemLookup } from '../io/host-names.ts';
import { connectToServer } from '../io/server-connection.ts';
import { systemClock } from '../ports.ts';
import { Relay } from '../transport/relay.ts';
import type { TurnAllocation, TurnFailure } from '../turn/client-owner.ts';
import type { TurnCredentials } from '../turn/credentials.ts';
import { parseTurnUrl } from '../turn/turn-url.ts';

export interface TryAllocationOptions extends TurnCredentials {
  /** A `turn:` or `turns:` URL (RFC 7065). */
  readonly url: string;
  /** Longest wait for the outcome. Default 5000. */
  readonly timeoutMs?: number;
  /** Default: the system's resolver, for IPv4 addresses. */
  readonly lookupHost?: LookupHost;
}

/** An allocation that was made and given back, or the reason why there was none. */
export type AllocationOutcome =
  | ({ readonly isAllocated: true; readonly tookMs: number } & TurnAllocation)
  | ({ readonly isAllocated: false } & TurnFailure);

/**
 * Asks a TURN server for an allocation and gives it back, to find out whether it can be reached and accepts the credentials: error code 401 means that
 * it does not. Throws `RtcError` `invalid_option` for a URL that is not one of a TURN server over UDP, TCP, or TLS.
 */
export async function tryAllocation(options: TryAllocationOptions): Promise<AllocationOutcome> {
  const { url, timeoutMs = 5_000, lookupHost = systemLookup(false), username, credential } = options;
  const parsed = parseTurnUrl(url);
  if (parsed === undefined) throw new RtcError('invalid_option', `${url} is not the URL of a TURN server`);
  const startedMs = systemClock.nowMs();
  const { promise, resolve } = Promise.withResolvers<AllocationOutcome>();
  const ports = { connect: connectToServer, lookup: lookupHost, clock: systemClock, random: randomBytes };
  const relay = new Relay(parsed, ports, {
    onAllocated: (allocation) => resolve({ isAllocated: true, tookMs: systemClock.nowMs() - startedMs, ...allocation }),
    onFailed: (failure) => resolve({ isAllocated: false, ...failure }),
  });
  const timer = systemClock.setTimer(() => resolve({ isAllocated: false, reason: 'no response' }), timeoutMs);
  void relay.open({ username, credential });
  const outcome = await promise;
  systemClock.clearTimer(timer);
  relay.close();
  return outcome;
}
