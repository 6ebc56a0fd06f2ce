import { once } from 'node:events';
import type { Socket } from 'node:net';
import { expect, it } from 'vitest';
import type { CloseInfo, WsConnection, WsServer } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { connect, echo, roundTrip, startServer } from './harness.ts';
import { frame, rawUpgrade } from './raw-client.ts';

const MESSAGE = frame(new Uint8Array(20));
/** Reading 40 messages of 50 microseconds each leaves nothing of it. */
const SMALL = { capacity: 1_999, perSecond: 1_000 };

/** Round trips through a server of their own: time for whatever was sent elsewhere to be read. */
async function openOtherServer(): Promise<() => Promise<void>> {
  const { ws, url } = await startServer();
  echo(ws);
  const client = connect(url);
  await once(client, 'open');
  return async () => {
    for (let i = 0; i < 10; i += 1) await roundTrip(client);
  };
}

/** Counts the messages of all connections. */
function countMessages(ws: WsServer): { count: number } {
  const received = { count: 0 };
  ws.on('message', () => {
    received.count += 1;
  });
  return received;
}

it('reads no more from a connection whose budget is overdrawn, and all of it later', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock, limits: { connectionWork: SMALL } });
  const othersAreServed = await openOtherServer();
  const received = countMessages(ws);
  const attacker = await rawUpgrade(port, 'mallory');
  // More than fits into the buffers of the system: the attacker is stopped, not served from memory.
  attacker.write(Buffer.alloc(MESSAGE.length * 800_000, MESSAGE));
  while (received.count < 40) await othersAreServed();
  await othersAreServed();
  expect(received.count).toBe(40);
  expect(attacker.writableLength).toBeGreaterThan(0);

  clock.advance(1_000);
  while (received.count < 60) await othersAreServed();
  await othersAreServed();
  expect(received.count).toBe(60);
});

it('reads no further ahead, however often the budget is refilled for a single message', async () => {
  const clock = createFakeClock();
  const connectionWork = { capacity: 50, perSecond: 1_000 };
  const { ws, http, port } = await startServer({ clock, limits: { connectionWork } });
  const othersAreServed = await openOtherServer();
  const received = countMessages(ws);
  const accepted = once(http, 'connection') as Promise<[Socket]>;
  const attacker = await rawUpgrade(port, 'mallory');
  const [socket] = await accepted;
  attacker.write(Buffer.alloc(MESSAGE.length * 800_000, MESSAGE));
  for (let refills = 0; refills < 50; refills += 1) {
    const before = received.count;
    clock.advance(100);
    while (received.count === before) await othersAreServed();
  }
  expect(socket.bytesRead).toBeLessThan(512 * 1024);
});

it('makes all connections of a client share one budget, which a new connection does not renew', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock, limits: { clientWork: SMALL } });
  const othersAreServed = await openOtherServer();
  const received = countMessages(ws);
  const first = await rawUpgrade(port, 'mallory');
  first.write(Buffer.alloc(MESSAGE.length * 30, MESSAGE));
  while (received.count < 30) await othersAreServed();
  const closed = once(ws, 'close') as Promise<[WsConnection, CloseInfo]>;
  first.destroy();
  await closed;

  const second = await rawUpgrade(port, 'mallory');
  second.write(Buffer.alloc(MESSAGE.length * 30, MESSAGE));
  while (received.count < 40) await othersAreServed();
  await othersAreServed();
  expect(received.count).toBe(40);
});

it('charges pings and text messages as well', async () => {
  const clock = createFakeClock();
  const { ws, port } = await startServer({ clock, limits: { connectionWork: SMALL } });
  const othersAreServed = await openOtherServer();
  const received = countMessages(ws);
  const attacker = await rawUpgrade(port, 'mallory');
  const ping = frame(new Uint8Array(), { opcode: 9 });
  const text = frame(new Uint8Array(), { opcode: 1 });
  attacker.write(Buffer.concat([Buffer.alloc(30 * ping.length, ping), Buffer.alloc(30 * text.length, text), MESSAGE]));
  for (let i = 0; i < 10; i += 1) await othersAreServed();
  expect(received.count).toBe(0);
  clock.advance(5_000);
  while (received.count < 1) await othersAreServed();
});

it('does not take a paused connection for dead, since its pongs are not read', async () => {
  const clock = createFakeClock();
  const connectionWork = { capacity: 1_000, perSecond: 1 };
  const { ws, port } = await startServer({ clock, limits: { connectionWork } });
  const opened = once(ws, 'open') as Promise<[WsConnection]>;
  const socket = await rawUpgrade(port, 'busy');
  const [connection] = await opened;
  const message = once(ws, 'message');
  socket.write(MESSAGE);
  await message;
  connection.charge(60_000);
  clock.advance(30_000);
  expect([...ws.connections]).toEqual([connection]);
});

it('bounds what waits on all connections of a client', async () => {
  const { ws, port } = await startServer({ limits: { maxQueueBytesPerClient: 300_000 } });
  const connIDs: string[] = [];
  ws.on('open', ({ connID }) => void connIDs.push(connID));
  for (const clientID of ['slow', 'slow', 'other']) await rawUpgrade(port, clientID);
  const [first = '', second = '', other = ''] = connIDs;
  const message = new Uint8Array(100_000);
  ws.send(first, message);
  ws.send(first, message);
  ws.send(second, message);
  for (const connID of [first, second]) {
    expect(() => ws.send(connID, message)).toThrow(expect.objectContaining({ code: 'queue_full' }));
  }
  ws.send(other, message);
});
