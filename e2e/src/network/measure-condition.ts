import type { CallNetwork } from './call-network.ts';
import type { Callers } from './callers.ts';
import type { Condition } from './conditions.ts';
import type { Host } from './host.ts';

/** Outcome of a call under a condition. */
export interface Outcome {
  /** Way of media, as `UDP over IPv4`. */
  readonly way: string;
  /** From the join until both sides hear each other. */
  readonly untilMediaMs: number;
}

/** Plugs a host in under a condition, and lets its caller talk with the colleague. */
export async function measureCondition(
  network: CallNetwork,
  host: Host,
  callers: Callers,
  condition: Condition,
): Promise<Outcome> {
  const place = await condition.plugIn(network, host);
  try {
    const { sessionID, untilMediaMs, end } = await callers.call(place.address, condition.way.startsWith('TCP'));
    const path = await network.pathOf(sessionID);
    end();
    return { way: wayOf(path), untilMediaMs };
  } finally {
    await place.leave();
  }
}

/** The way of a path as rtcd describes it. */
function wayOf(path: string): string {
  const [protocol = ''] = path.split(' ');
  return `${protocol.toUpperCase()} over ${path.includes('[') ? 'IPv6' : 'IPv4'}`;
}
