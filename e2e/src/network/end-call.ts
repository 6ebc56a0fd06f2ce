import { isDeepStrictEqual } from 'node:util';
import type { CallNetwork } from './call-network.ts';
import type { RunningCall } from './callers.ts';
import { loggedWay, type SeenWay } from './seen-way.ts';

/** Ends a call, and returns the way that its media took last, by rtcd's log. Throws if the peer's statistics had another one. */
export async function endCall(network: CallNetwork, call: RunningCall): Promise<SeenWay> {
  const reported = await call.reportedWay();
  call.end();
  const logged = loggedWay(await network.loggedEnd(call.sessionID));
  if (reported !== undefined && !isDeepStrictEqual(reported, logged)) {
    throw new Error(`getStats has ${JSON.stringify(reported)}, and rtcd's log ${JSON.stringify(logged)}`);
  }
  return logged;
}
