import { request } from 'node:http';
import { availableParallelism } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { text } from 'node:stream/consumers';
import { basicAuthorization } from '@rtcd/auth';
import { createTestAuth } from '@rtcd/auth/testing';
import type { Participant } from '@rtcd/rtc/testing';
import { createMemoryStore } from '@rtcd/store';
import { expect, it, onTestFinished, vi } from 'vitest';
import { connectClient, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';
import { type Answer, ask, KEY } from './support.ts';

// There is plenty of hash work to wait for.
vi.setConfig({ testTimeout: 60_000 });

const HERD = 1000;
const HASHES_PER_SECOND = 12 * availableParallelism();

/** The default of the service: the throttle and the hash cost of the contract. */
const CONTRACT = {};

const TRY_AGAIN = 'authentication failed: too many requests at once, try again later\n';

/** Hash of some other key. Its cost is 14: sixteen times the work of the default. */
const HASH_OF_A_SECOND = '$2a$14$XajjQvNhvvRt5GSeFk1xFeyqRrsxkhBkUiQeg0dt.wU1qD4aFDcga';

/** Two who talk in a call of the service. */
async function startCall(rtcd: { readonly url: string }) {
  const client = await connectClient(rtcd, 'caller');
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(alice, 'bob', client);
  await untilHears(bob, 'alice', client);
  return { alice, bob };
}

/** Has people speak a packet in 20 ms, as a timer is able to. Returns what ends that, and tells how many packets each sent. */
function speak(speakers: readonly Participant[]): () => number {
  let packets = 0;
  const timer = setInterval(() => {
    packets++;
    for (const speaker of speakers) speaker.sendVoice();
  }, 20);
  return () => {
    clearInterval(timer);
    return packets;
  };
}

/** Asks for a WebSocket and waits for the answer, however long that takes. It is open until the end of the test. */
function upgrade(
  url: string,
  clientID: string,
  { authKey = KEY, localAddress = '127.0.0.1' } = {},
): Promise<{ readonly status: number | undefined; readonly body: string }> {
  const headers = {
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    Authorization: basicAuthorization(clientID, authKey),
  };
  return new Promise((resolve, reject) => {
    request(`${url}/ws`, { headers, localAddress })
      .on('upgrade', ({ statusCode }, socket) => {
        onTestFinished(() => void socket.destroy());
        resolve({ status: statusCode, body: '' });
      })
      .on('response', (response) => {
        text(response).then((body) => resolve({ status: response.statusCode, body }), reject);
      })
      .on('error', reject)
      .end();
  });
}

it('1,000 clients at once: each is served or asked to retry, while a call continues without a gap', async () => {
  const store = createMemoryStore();
  const rtcd = await startWithMedia({ auth: CONTRACT, openStore: async () => store });
  const { alice, bob } = await startCall(rtcd);
  const hash = await store.get('caller');
  const clientIDs = Array.from({ length: HERD }, (_, number) => `client ${number}`);
  for (const clientID of clientIDs) await store.put(clientID, hash);

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const stopSpeaking = speak([alice, bob]);
  const startMs = performance.now();
  const answers = await Promise.all(clientIDs.map((clientID) => upgrade(rtcd.url, clientID)));
  const seconds = (performance.now() - startMs) / 1000;
  const packets = stopSpeaking();
  delay.disable();

  const served = answers.filter(({ status }) => status === 101).length;
  const ms = (nanoseconds: number) => `${(nanoseconds / 1e6).toFixed(1)} ms`;
  console.log(
    `${served} of ${HERD} clients served in ${seconds.toFixed(1)} s; delay of the event loop: ` +
      `${ms(delay.percentile(50))} median, ${ms(delay.percentile(99))} p99, ${ms(delay.max)} at most`,
  );

  await Promise.all([alice.heard('bob', packets), bob.heard('alice', packets)]);
  expect(alice.received('bob')).toMatchObject({ packets, gaps: 0, corrupt: 0 });
  expect(bob.received('alice')).toMatchObject({ packets, gaps: 0, corrupt: 0 });

  const refused = answers.filter(({ status }) => status !== 101);
  for (const answer of refused) expect(answer).toEqual({ status: 503, body: TRY_AGAIN });
  // What the throttle lets through depends on the time alone, not on how fast the machine is.
  expect(served).toBeLessThanOrEqual(1 + HASHES_PER_SECOND * seconds);
  expect(served).toBeGreaterThan(0);

  const again = clientIDs[answers.findLastIndex(({ status }) => status !== 101)] ?? 'caller';
  expect(await upgrade(rtcd.url, again)).toMatchObject({ status: 101 });
});

it('does not make a client wait for the wrong keys of another address', async () => {
  const rtcd = await startWithMedia({
    auth: { hashCost: 4, throttle: { operationsPerSecond: 20, burst: 1, maxWaitMs: 10_000 } },
  });
  const { status } = await ask(`${rtcd.url}/register`, { body: { clientID: 'caller', authKey: KEY } });
  expect(status).toBe(201);
  let refused = 0;
  const flood = Array.from({ length: 60 }, async () => {
    const answer = await upgrade(rtcd.url, 'caller', { authKey: 'wrong', localAddress: '127.0.0.2' });
    refused++;
    return answer;
  });
  await Promise.race(flood);
  const refusedBefore = refused;
  expect(await upgrade(rtcd.url, 'caller')).toMatchObject({ status: 101 });
  expect(refused - refusedBefore).toBeLessThan(10);
  for (const answer of await Promise.all(flood)) expect(answer).toMatchObject({ status: 401 });
});

it('hashes the key of a client that reconnects only once', async () => {
  const throttle = { operationsPerSecond: 0.001, burst: 1, maxWaitMs: 1 } as const;
  const store = createMemoryStore();
  await createTestAuth({ store }).register('caller', KEY);
  const rtcd = await startWithMedia({ auth: { hashCost: 4, throttle }, openStore: async () => store });
  expect(await upgrade(rtcd.url, 'caller')).toMatchObject({ status: 101 });
  expect(await upgrade(rtcd.url, 'caller')).toMatchObject({ status: 101 });
  expect(await upgrade(rtcd.url, 'caller', { authKey: 'wrong' })).toMatchObject({ status: 503 });
});

it('a client reports the response that it got', async () => {
  const throttle = { operationsPerSecond: 0.001, burst: 1, maxWaitMs: 1 } as const;
  const rtcd = await startWithMedia({ auth: { hashCost: 4, throttle } });
  await expect(connectClient(rtcd)).rejects.toMatchObject({
    code: 'connect_failed',
    status: 503,
    message: expect.stringContaining(TRY_AGAIN.trim()),
  });
});

it('packets pass while a hash is computed: hashing does not block the event loop', async () => {
  const store = createMemoryStore();
  await store.put('client', HASH_OF_A_SECOND);
  const rtcd = await startWithMedia({ openStore: async () => store });
  const { alice, bob } = await startCall(rtcd);
  let answer: Answer | undefined;
  const login = ask(`${rtcd.url}/login`, { body: { clientID: 'client', authKey: KEY } }).then((it) => {
    answer = it;
  });
  let packets = 0;
  // No more than that: a peer that sends as fast as it can is policed.
  for (; answer === undefined && packets <= 50; packets++) await talk(alice, 'alice', bob, 1);
  await login;
  expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('login failed: authentication failed') });
  // The request and its answer take some turns of the loop themselves, in which a few packets could go through at best.
  expect(packets).toBeGreaterThan(50);
});
