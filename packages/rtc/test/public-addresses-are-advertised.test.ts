import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, openSfu, type SfuOptions, silentLogger } from '../src/index.ts';
import { BINDING } from '../src/stun/attributes.ts';
import { writeStunMessage } from '../src/stun/write.ts';

const PUBLIC = { address: '203.0.113.7', port: 5_000 };

/** Ten seconds of it pass in one. */
const FAST: Clock = {
  nowMs: () => performance.now() * 10,
  unixMs: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs / 10),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};

type Answer = (server: Socket, request: Buffer, from: RemoteInfo) => void;

/** A STUN server on loopback that answers as the test wants it to, and the times of the requests it got. */
async function startStunServer(answer: Answer) {
  const server = createSocket('udp4');
  const requests: RemoteInfo[] = [];
  server.on('message', (request, from) => {
    requests.push(from);
    answer(server, request, from);
  });
  server.bind(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return { requests, url: `stun:127.0.0.1:${server.address().port}` };
}

function respond(server: Socket, request: Buffer, { port, address }: RemoteInfo, seen = PUBLIC): void {
  const transactionId = request.subarray(8, 20);
  server.send(
    writeStunMessage({ messageClass: 'success', method: BINDING, transactionId, xorMappedAddress: seen }),
    port,
    address,
  );
}

async function open(options: SfuOptions) {
  const warnings: string[] = [];
  // The limits of this machine's kernel are not what these tests are about.
  const isAboutBuffers = (message: string) => message.startsWith('socket buffers');
  const logger = {
    ...silentLogger,
    warn: (_fields: object, message: string) => void (isAboutBuffers(message) || warnings.push(message)),
  };
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0, logger, ...options });
  onTestFinished(() => sfu.close());
  const candidates = sfu.candidates.filter(({ protocol }) => protocol === 'udp');
  return { sfu, candidates, warnings };
}

describe('a STUN server', () => {
  it('is asked from the media port, and its answer advertised after the local address', async () => {
    const { requests, url } = await startStunServer(respond);
    const { sfu, candidates } = await open({ stunServers: [url] });
    const [{ port } = { port: 0 }] = sfu.localAddresses;
    expect(requests[0]).toMatchObject({ address: '127.0.0.1', port });
    expect(candidates).toMatchObject([
      { type: 'host', address: '127.0.0.1', port },
      { type: 'srflx', ...PUBLIC, relatedAddress: '127.0.0.1', relatedPort: port },
    ]);
    expect(candidates[1]!.priority).toBeLessThan(candidates[0]!.priority);
  });

  it('is asked again if the request is lost', async () => {
    let lost = 0;
    const { url } = await startStunServer((server, request, from) => {
      if (++lost > 2) respond(server, request, from);
    });
    const { candidates, warnings } = await open({ stunServers: [url], clock: FAST });
    expect(candidates[1]).toMatchObject(PUBLIC);
    expect(warnings).toEqual([]);
  });

  it('that does not answer delays the start by 5 s, and is reported', async () => {
    const { requests, url } = await startStunServer(() => {});
    const { candidates, warnings } = await open({ stunServers: [url], clock: FAST });
    expect(candidates).toHaveLength(1);
    expect(warnings).toEqual(['no answer from the STUN server: local address advertised']);
    expect(requests.length).toBeGreaterThanOrEqual(2);
  });

  it('is believed for nothing but its transaction', async () => {
    const forged = { address: '198.51.100.1', port: 1 };
    const { url } = await startStunServer((server, request, from) => {
      const other = Buffer.from(request);
      other[19]! ^= 1;
      respond(server, other, from, forged);
      server.send('junk', from.port, from.address);
      respond(server, request, from);
    });
    const { candidates } = await open({ stunServers: [url] });
    expect(candidates[1]).toMatchObject(PUBLIC);
  });

  it('that sees the local address adds nothing', async () => {
    const { url } = await startStunServer((server, request, from) => respond(server, request, from, from));
    const { candidates } = await open({ stunServers: [url] });
    expect(candidates).toHaveLength(1);
  });

  it('is not asked if there is a host override', async () => {
    const { requests, url } = await startStunServer(respond);
    const { candidates } = await open({ stunServers: [url], hostOverride: '203.0.113.1' });
    expect(candidates).toMatchObject([{ address: '203.0.113.1' }]);
    expect(requests).toEqual([]);
  });

  it('whose name cannot be resolved is reported', async () => {
    const lookupHost = () => Promise.reject(new Error('no such host'));
    const { candidates, warnings } = await open({ stunServers: ['stun:stun.example.com'], lookupHost });
    expect(candidates).toHaveLength(1);
    expect(warnings).toEqual(['STUN server not asked']);
  });

  it('whose name is never resolved delays the start by 2 s, and is reported', async () => {
    const { url } = await startStunServer(respond);
    const lookupHost = () => new Promise<never>(() => {});
    const reasons: unknown[] = [];
    const warn = (fields: object) => void ('reason' in fields && reasons.push(fields.reason));
    const logger = { ...silentLogger, warn };
    const { candidates } = await open({ stunServers: ['stun:stun.test', url], lookupHost, clock: FAST, logger });
    expect(candidates[1]).toMatchObject(PUBLIC);
    expect(reasons).toContain('stun.test was not resolved within 2000 ms');
  });

  it.each(['stun:', 'turn:example.com', 'stun:host:0', 'stun:host:65536', 'stun:a b', 'stun://host'])(
    'has a URL, which %j is not',
    async (url) => {
      await expect(open({ stunServers: [url] })).rejects.toMatchObject({ code: 'invalid_option' });
    },
  );
});
