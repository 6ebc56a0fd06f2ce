import { describe, expect, it } from 'vitest';
import { HandshakeType } from '../src/dtls/messages/handshake-message.ts';
import { ContentType, parseRecords } from '../src/dtls/record/record.ts';
import type { LinkConditions } from '../src/testing/simulated-link.ts';
import { createDtlsPair, type DtlsPair, type DtlsPairOptions } from './dtls-pair.ts';

const RUNS = 200;
const DELAY_MS = 20;

const loss = { lossRate: 0.2 };
const duplicates = { duplicateRate: 0.5 };
const reordering = { reorderRate: 0.3, reorderDelayMs: 60 };

const links: readonly (readonly [string, Partial<LinkConditions>])[] = [
  ['a good link', {}],
  ['20% loss each way', loss],
  ['50% duplicates', duplicates],
  ['30% reordering', reordering],
  ['loss, duplicates and reordering at once', { ...loss, ...duplicates, ...reordering }],
];

/** As a browser with post-quantum key shares: the ClientHello takes two datagrams, and here each flight takes several. */
const fragmented: DtlsPairOptions = {
  client: { mtu: 300, offer: { paddingSize: 1200 } },
  server: { mtu: 300 },
};

function connectMany(runs: number, conditions: Partial<LinkConditions>, options: DtlsPairOptions = {}) {
  const times: number[] = [];
  for (let seed = 1; seed <= runs; seed++) {
    const pair = createDtlsPair({ ...options, link: { seed, delayMs: DELAY_MS, ...conditions } });
    if (!pair.connect()) continue;
    times.push(pair.time.nowMs);
    expectWorking(pair);
  }
  times.sort((a, b) => a - b);
  const percentile = (share: number) => Math.round(times[Math.ceil(times.length * share) - 1]!);
  return { connected: times.length, p50Ms: percentile(0.5), p95Ms: percentile(0.95), maxMs: percentile(1) };
}

/** Both know the same keys, each reported once, and understand each other. */
function expectWorking({ time, link, client, server, atClient, atServer }: DtlsPair): void {
  link.setConditions({ lossRate: 0, duplicateRate: 0, reorderRate: 0 });
  time.runFor(200);
  client.send(Buffer.from('ping'));
  server.send(Buffer.from('pong'));
  time.runFor(200);
  expect(atServer.data.map(String)).toEqual(['ping']);
  expect(atClient.data.map(String)).toEqual(['pong']);
  expect(atClient.keys).toEqual([{ local: atServer.keys[0]!.remote, remote: atServer.keys[0]!.local }]);
  expect(atServer.keys).toHaveLength(1);
  expect([...atClient.closed, ...atServer.closed]).toEqual([]);
  expect(server.bufferedBytes).toBe(0);
}

describe('a DTLS handshake', () => {
  it.each(links)('always completes over %s', (name, conditions) => {
    const { connected, p50Ms, p95Ms, maxMs } = connectMany(RUNS, conditions);
    console.info(
      `${name}, ${DELAY_MS} ms one way: ${connected} of ${RUNS}, p50 ${p50Ms} ms, p95 ${p95Ms} ms, max ${maxMs} ms`,
    );
    expect(connected).toBe(RUNS);
  });

  it.each(links)('completes in many fragments over %s', (_, conditions) => {
    expect(connectMany(40, conditions, fragmented).connected).toBe(40);
  });

  it('takes three round trips on a good link: one for the cookie, two for the rest', () => {
    expect(connectMany(1, {}).p50Ms).toBe(6 * DELAY_MS);
  });

  it('needs no retransmission when Finished overtakes the messages that its keys depend on', () => {
    const pair = createDtlsPair();
    pair.link.b.onDatagram = (datagram, nowMs) => {
      for (const { header, payload } of parseRecords(datagram).reverse()) {
        pair.server.receive(Buffer.concat([header, payload]), nowMs);
      }
    };
    expect(pair.connect()).toBe(true);
    expect(pair.time.nowMs).toBe(60);
    expect(pair.client.stats.flightsResent + pair.server.stats.flightsResent).toBe(0);
  });

  it("continues the client's record numbers in the server's, as a stateless server must", () => {
    const pair = createDtlsPair({ client: { offer: { paddingSize: 600 }, mtu: 300 } });
    expect(pair.connect()).toBe(true);
    const handshake = pair.fromClient
      .flatMap(parseRecords)
      .filter(({ contentType }) => contentType === ContentType.handshake);
    const hellos = handshake.filter(({ epoch, payload }) => epoch === 0 && payload[0] === HandshakeType.clientHello);
    const plain = pair.fromServer.flatMap(parseRecords).filter(({ epoch }) => epoch === 0);
    const [request, ...flight] = plain.map(({ sequence }) => sequence);
    expect(request).toBe(hellos.length / 2 - 1);
    expect(flight[0]).toBe(hellos.length - 1);
    expect(flight).toEqual(flight.map((_, index) => flight[0]! + index));
  });
});
