import { type Coturn, startCoturn } from '../../../packages/rtc/test/coturn.ts';
import { TURN } from './addresses.ts';
import type { Host, Segment } from './host.ts';
import { TURN_SECRET } from './ice-servers.ts';

/** Plugs a host into the internet, and starts coturn there. */
export async function startTurnServer(host: Host, internet: Segment): Promise<Coturn> {
  await host.connect(internet, { addresses: [`${TURN.ipv4}/24`, `${TURN.ipv6}/64`] });
  return startCoturn({
    prefix: host.commandLine(),
    address: TURN.ipv4,
    ipv6Address: TURN.ipv6,
    port: TURN.port,
    secret: TURN_SECRET,
  });
}
