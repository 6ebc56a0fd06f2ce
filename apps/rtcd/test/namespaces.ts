import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { outputUntil } from './rtcd-process.ts';

const STUN_SERVER = fileURLToPath(new URL('./stun-server-process.ts', import.meta.url));

/** Reason for which no networks can be made here, undefined if they can be. */
export function reasonWithoutNamespaces(): string | undefined {
  if (process.platform !== 'linux') return 'network namespaces are a feature of Linux';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (spawnSync('nft', ['--version']).status !== 0) return 'there is no nft in the PATH (Debian: nftables)';
  const name = `rtcd-try-${process.pid}`;
  const { status, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (status !== 0) return `"ip netns add" fails: ${stderr ?? 'there is no ip in the PATH'}`;
  ip('netns', 'delete', name);
  return undefined;
}

/** A host for rtcd, and an outside with a STUN server that has two addresses. */
export interface TestNetwork {
  /** Starts a command on the host. */
  readonly within: readonly string[];
  readonly stunUrl: string;
  /** Adds a bridge as of a container runtime to the host. */
  addBridge(name: string, address: string): void;
  /** Loads nftables rules on the host. */
  firewall(rules: string): void;
}

const OUTSIDE = ['203.0.113.1', '203.0.113.2'];
let networks = 0;

/** Makes a network that is gone with the test. */
export async function createNetwork(hostAddress: string): Promise<TestNetwork> {
  const id = `rtcd-${process.pid}-${++networks}`;
  const [host, outside] = [`${id}-host`, `${id}-outside`] as const;
  for (const name of [host, outside]) {
    ip('netns', 'add', name);
    onTestFinished(() => ip('netns', 'delete', name));
    ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  ip('link', 'add', 'eth0', 'netns', host, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', outside);
  ip('-n', host, 'address', 'add', `${hostAddress}/24`, 'dev', 'eth0');
  for (const address of OUTSIDE) ip('-n', outside, 'address', 'add', `${address}/24`, 'dev', 'eth0');
  for (const name of [host, outside]) ip('-n', name, 'link', 'set', 'eth0', 'up');
  ip('-n', outside, 'route', 'replace', `${hostAddress}/32`, 'dev', 'eth0');
  ip('-n', host, 'route', 'replace', 'default', 'dev', 'eth0');
  const server = spawn('ip', ['netns', 'exec', outside, process.execPath, STUN_SERVER, ...OUTSIDE], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void server.kill());
  const [stunUrl = ''] = (await outputUntil(server.stdout, '\n')).split('\n');
  return {
    within: ['ip', 'netns', 'exec', host],
    stunUrl,
    addBridge(name, address) {
      ip('-n', host, 'link', 'add', name, 'type', 'bridge');
      ip('-n', host, 'address', 'add', `${address}/16`, 'dev', name);
      ip('-n', host, 'link', 'set', name, 'up');
    },
    firewall: (rules) =>
      void execFileSync('ip', ['netns', 'exec', host, 'nft', '-f', '-'], {
        input: rules,
        stdio: ['pipe', 'inherit', 'inherit'],
      }),
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
