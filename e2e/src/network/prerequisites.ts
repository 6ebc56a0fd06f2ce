import { textOf } from '@rtcd/boundary';
import { type Network, openNetwork } from './network.ts';

/** Makes tests that need network namespaces fail instead of being skipped. */
const REQUIRED = 'REQUIRE_NAMESPACES';

/**
 * Says what this machine lacks for a network of namespaces, or nothing. Throws if `REQUIRE_NAMESPACES` is set and something is missing. The
 * answer is found by trying, since kernels, containers, and rights differ in many ways.
 */
export async function missingForNetworks(): Promise<string | undefined> {
  const missing = await tryNetwork();
  if (missing !== undefined && process.env[REQUIRED]) throw new Error(`cannot test networks: ${missing}`);
  return missing;
}

async function tryNetwork(): Promise<string | undefined> {
  if (process.platform !== 'linux') return 'network namespaces, which only Linux has';
  if (process.getuid?.() !== 0) return 'the rights of root';
  try {
    const network = await openNetwork();
    try {
      await useEverything(network);
    } finally {
      await network.close();
    }
    return undefined;
  } catch (error) {
    return textOf(error);
  }
}

async function useEverything(network: Network): Promise<void> {
  const [outside, inside] = [await network.segment('outside'), await network.segment('inside')];
  await network.router('router', {
    outside,
    outsideAddress: '192.0.2.1/24',
    inside,
    insideAddress: '10.0.0.1/24',
    insideHost: '10.0.0.2',
    nat: 'symmetric',
    allowed: 'only_tcp_443',
    lossPercent: 1,
  });
  const host = await network.host('host');
  const plug = await host.connect(inside, { addresses: ['10.0.0.2/24', '2001:db8::2/64'], gateway: '10.0.0.1' });
  await plug.limitIncoming(1_000_000);
}
