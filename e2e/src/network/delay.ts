import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { INSIDE, OUTSIDE, type Redirect } from './firewall.ts';
import type { Host } from './host.ts';
import { systemCommand } from './system-command.ts';

export interface DelayOptions {
  /** One way. */
  readonly delayMs: number;
  /** Each datagram takes up to so much longer. */
  readonly jitterMs: number;
  /** Destination whose datagrams are delayed. */
  readonly to: Redirect['to'];
}

/** A relay on a router, to which the firewall redirects datagrams. */
export interface UdpRelay extends Redirect {
  readonly process: ChildProcess;
}

/** Delays what passes a router: in the kernel where that has netem, else by a relay, to which the firewall has to redirect. */
export async function delayDatagrams(router: Host, options: DelayOptions): Promise<UdpRelay | undefined> {
  return (await delayInKernel(router, options)) ? undefined : startRelay(router, options);
}

async function delayInKernel({ namespace }: Host, { delayMs, jitterMs }: DelayOptions): Promise<boolean> {
  const delay = ['root', 'netem', 'delay', `${delayMs + jitterMs / 2}ms`, `${jitterMs / 2}ms`];
  try {
    for (const name of [INSIDE, OUTSIDE]) {
      await systemCommand(['tc', '-n', namespace, 'qdisc', 'add', 'dev', name, ...delay]);
    }
    return true;
  } catch {
    return false;
  }
}

async function startRelay(router: Host, options: DelayOptions): Promise<UdpRelay> {
  const process = router.fork(new URL('programs/udp-relay.ts', import.meta.url));
  process.send(options);
  const [port] = (await once(process, 'message')) as [number];
  return { port, to: options.to, process };
}
