import { connect, type Socket } from 'node:net';
import { RtcdClient } from '@rtcd/client';
import { AUTH_KEY } from '../../auth-key.ts';
import { type Attack, pause, type Target, writeAll } from '../attack.ts';

const ATTACKER_ADDRESS = '127.66.0.1';

/** Connections that send a request again as soon as it is answered, whatever the answer. */
function requestFlood(
  name: string,
  description: string,
  connections: number,
  request: (target: Target, index: number) => string,
): Attack {
  return {
    name,
    description,
    async prepare(target: Target) {
      const isMany = connections > 256;
      return async (signal) => {
        const counts = { answered: 0, refused: 0 };
        await Promise.all(
          Array.from({ length: connections }, (_, index) =>
            loop(target, isMany ? target.newAddress() : ATTACKER_ADDRESS, request(target, index), counts, signal),
          ),
        );
        return `${counts.answered} answers, ${counts.refused} connections refused or cut`;
      };
    },
  };
}

async function loop(
  target: Target,
  localAddress: string,
  request: string,
  counts: { answered: number; refused: number },
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(request);
  while (!signal.aborted) {
    const socket = connect({ ...target.host, localAddress });
    const isAnswered = await converse(socket, bytes, counts, signal);
    socket.destroy();
    if (isAnswered) continue;
    counts.refused += 1;
    await pause(100, signal);
  }
}

/** Sends the request on one connection over and over. Resolves when that closes: true if there was an answer. */
async function converse(
  socket: Socket,
  request: Buffer,
  counts: { answered: number },
  signal: AbortSignal,
): Promise<boolean> {
  let isAnswered = false;
  const closed = Promise.withResolvers<void>();
  socket.on('error', () => {});
  socket.on('close', () => closed.resolve());
  signal.addEventListener('abort', () => closed.resolve(), { once: true });
  socket.on('data', (chunk) => {
    // A response begins at a chunk, except when two are pipelined, which they are not here.
    if (!chunk.subarray(0, 5).equals(HTTP)) return;
    counts.answered += 1;
    isAnswered = true;
    void writeAll(socket, request, signal);
  });
  void writeAll(socket, request, signal);
  await closed.promise;
  return isAnswered;
}

const HTTP = Buffer.from('HTTP/');

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: rtcd\r\n\r\n`;

function post(path: string, body: object): string {
  const json = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: rtcd\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`;
}

const wrongKey = (index: number): string =>
  post('/login', { clientID: index % 2 === 0 ? 'innocents' : `unknown-${index}`, authKey: `wrong ${AUTH_KEY}` });

const PASSING_CLIENTS = 150;

const PASSING: Attack = {
  name: 'passing-clients',
  description: '150 clients that register, call once and unregister',
  async prepare(target: Target) {
    const before = await countSeries(target);
    return async (signal) => {
      let passed = 0;
      for (let index = 0; index < PASSING_CLIENTS && !signal.aborted; index++) {
        const clientID = `passing-${index}-${'x'.repeat(200)}`;
        const client = new RtcdClient({ url: target.url, clientID, authKey: AUTH_KEY, registerOnDemand: true });
        client.on('error', () => {});
        try {
          await client.connect();
          client.join({
            callID: 'c',
            userID: 'u',
            sessionID: 's',
            channelID: 'c',
            av1Support: false,
            dcSignaling: true,
          });
          client.leave('s');
          await client.unregister();
          passed += 1;
        } catch {
          // Refused: registrations may be limited.
        }
        await client.close();
      }
      return `${passed} passed, series before: ${before}, right after: ${await countSeries(target)}`;
    };
  },
};

async function countSeries(target: Target): Promise<number> {
  const text = await (await fetch(new URL('/metrics', target.url))).text();
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#')).length;
}

/** Strangers, and clients with nothing but a registration. */
export const HTTP_ATTACKS: readonly Attack[] = [
  requestFlood('http', '2,000 HTTP connections at once, GET /version', 2_000, () => get('/version')),
  requestFlood('scrapes', 'GET /metrics on 50 connections', 50, () => get('/metrics')),
  requestFlood('large-bodies', 'POST /register with 60 kB on 50 connections', 50, () =>
    post('/register', { clientID: 'x'.repeat(60_000), authKey: AUTH_KEY }),
  ),
  requestFlood('wrong-keys-50', 'strangers with wrong keys on 50 connections', 50, (_, index) => wrongKey(index)),
  requestFlood(
    'wrong-keys-500',
    'strangers with wrong keys on 500 connections from as many addresses',
    500,
    (_, index) => wrongKey(index),
  ),
  PASSING,
];
