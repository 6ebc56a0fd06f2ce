import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { type AddressInfo, connect, createServer, type LookupFunction } from 'node:net';
import type { RtcdClientConfig } from '@rtcd/client';
import type { FakeRtcd } from '@rtcd/client/testing';
import { createFakeClock } from '@rtcd/ws/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { newClient, startRtcd } from './test-bench.ts';

const fixture = (name: string) => readFile(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const [cert, key] = await Promise.all([fixture('cert.pem'), fixture('key.pem')]);

const lookup: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, [{ address: '127.0.0.1', family: 4 }]);
  else callback(null, '127.0.0.1', 4);
};

/** HTTP and WebSocket both get through, or neither. */
async function expectReachable(rtcd: FakeRtcd, config: RtcdClientConfig): Promise<void> {
  const client = newClient(config);
  expect(await client.getSystemInfo()).toEqual({ cpuLoad: rtcd.cpuLoad });
  await client.connect();
  expect(rtcd.connections).toEqual([expect.objectContaining({ connID: client.connID })]);
}

it('a custom lookup applies to HTTP and WebSocket', async () => {
  const rtcd = await startRtcd();
  await expectReachable(rtcd, { url: `http://rtcd.test:${rtcd.port}`, lookup });
});

it('a custom dial applies to HTTP and WebSocket', async () => {
  const rtcd = await startRtcd();
  const dialled: [string, number][] = [];
  const dial = (host: string, port: number) => {
    dialled.push([host, port]);
    return connect(rtcd.port, '127.0.0.1');
  };
  await expectReachable(rtcd, { url: 'http://rtcd.test', dial });
  expect(dialled).toEqual([
    ['rtcd.test', 80],
    ['rtcd.test', 80],
  ]);
});

it('a custom agent applies to HTTP and WebSocket, and outlives a client', async () => {
  const rtcd = await startRtcd();
  const agent = new Agent({ lookup } as ConstructorParameters<typeof Agent>[0]);
  const url = `http://rtcd.test:${rtcd.port}`;
  const client = newClient({ url, agent });
  await client.connect();
  await client.close();
  await expectReachable(rtcd, { url, agent });
});

it('a custom CA applies to HTTP and WebSocket, with the server name of the URL', async () => {
  const rtcd = await startRtcd({ tls: { cert, key } });
  await expectReachable(rtcd, { url: `https://rtcd.test:${rtcd.port}`, ca: cert, lookup });
});

it('TLS works over a custom dial', async () => {
  const rtcd = await startRtcd({ tls: { cert, key } });
  await expectReachable(rtcd, { url: 'https://rtcd.test', ca: cert, dial: () => connect(rtcd.port, '127.0.0.1') });
});

describe('a host that cannot be reached', () => {
  /** Outcomes of a request and of a connection once the time for connecting is over. */
  async function outcomes(config: RtcdClientConfig, isDialing: () => Promise<unknown>) {
    const clock = createFakeClock();
    const client = newClient({ ...config, clock });
    const dialing = isDialing();
    const results = Promise.allSettled([client.getVersionInfo(), client.connect()]);
    await dialing;
    clock.advance(5_000);
    return (await results).map((result) => (result.status === 'rejected' ? result.reason : result));
  }

  const failures = [
    expect.objectContaining({ code: 'request_failed', message: 'http request failed: no connection within 5000 ms' }),
    expect.objectContaining({
      code: 'connect_failed',
      message: expect.stringMatching(/^failed to connect: .*no connection within 5000 ms$/),
    }),
  ];

  it('is given up after 5 s when it does not answer', async () => {
    const asked = Promise.withResolvers<void>();
    let count = 0;
    const lookup: LookupFunction = () => {
      count += 1;
      if (count === 2) asked.resolve();
    };
    expect(await outcomes({ url: 'http://rtcd.test', lookup }, () => asked.promise)).toEqual(failures);
  });

  it('is given up after 5 s when it does not speak TLS', async () => {
    const server = createServer((socket) => socket.on('error', () => {})).listen(0, '127.0.0.1');
    onTestFinished(() => {
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const twoConnections = async () => {
      await once(server, 'connection');
      await once(server, 'connection');
    };
    expect(await outcomes({ url: `https://127.0.0.1:${port}` }, twoConnections)).toEqual(failures);
  });
});

it.each([
  ['that nobody vouches for', 'rtcd.test', undefined, /self-signed certificate/],
  ['of another host', 'other.test', cert, /other\.test/],
])('does not talk to a server with a certificate %s', async (_, hostname, ca, message) => {
  const rtcd = await startRtcd({ tls: { cert, key } });
  const client = newClient({ url: `https://${hostname}:${rtcd.port}`, lookup, ...(ca && { ca }) });
  await expect(client.getVersionInfo()).rejects.toThrow(message);
  await expect(client.connect()).rejects.toThrow(message);
  expect(rtcd.connections).toEqual([]);
});
