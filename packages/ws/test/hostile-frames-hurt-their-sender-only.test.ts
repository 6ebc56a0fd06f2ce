import { once } from 'node:events';
import { expect, it } from 'vitest';
import type { CloseInfo, Logger, WsConnection } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { connect, echo, roundTrip, startServer } from './harness.ts';
import { frame, rawUpgrade } from './raw-client.ts';

const text = (value: string) => new TextEncoder().encode(value);
const MIB = 1024 * 1024;

it.each<[string, Buffer]>([
  ['an unmasked frame', frame(text('x'), { masked: false })],
  ['reserved bits', frame(text('x'), { rsv: 1 })],
  ['a compressed frame, which was never agreed on', frame(text('x'), { rsv: 4 })],
  ['a reserved opcode', frame(text('x'), { opcode: 3 })],
  ['a continuation of nothing', frame(text('x'), { opcode: 0 })],
  ['a fragmented ping', frame(text('x'), { opcode: 9, fin: false })],
  ['a ping longer than 125 bytes', frame(new Uint8Array(126), { opcode: 9 })],
  ['text that is not UTF-8', frame(new Uint8Array([0xff, 0xfe]), { opcode: 1 })],
  ['a close frame of one byte', frame(new Uint8Array(1), { opcode: 8 })],
  ['a forbidden close code', frame(new Uint8Array([0x03, 0xed]), { opcode: 8 })],
  ['a message longer than 1 MiB', frame(new Uint8Array(MIB + 1))],
  ['the claim of a huge message', frame(text('x'), { claimedLength: 2 ** 40 })],
  ['the claim of an impossible message', frame(text('x'), { claimedLength: 2 ** 60 })],
  [
    'fragments that add up to more than 1 MiB',
    Buffer.concat([frame(new Uint8Array(MIB), { fin: false }), frame(new Uint8Array(1), { fin: false, opcode: 0 })]),
  ],
  ['a new message within a fragmented one', Buffer.concat([frame(text('x'), { fin: false }), frame(text('y'))])],
])('%s', async (_name, attack) => {
  const clock = createFakeClock();
  const { ws, port, url } = await startServer({ clock });
  const messages: Uint8Array[] = [];
  const bystander = connect(url);
  await once(bystander, 'open');
  const attacker = await rawUpgrade(port, 'mallory');
  ws.on('message', ({ clientID }, message) => {
    if (clientID === 'mallory') messages.push(message);
  });
  echo(ws);
  const closed = once(ws, 'close') as Promise<[WsConnection, CloseInfo]>;
  attacker.resume();
  attacker.write(attack);
  await once(attacker, 'data');
  clock.advance(5_000);
  const [connection] = await closed;
  expect(connection.clientID).toBe('mallory');
  expect(messages).toEqual([]);
  await roundTrip(bystander);
  expect(ws.connectionCount).toBe(1);
});

it('ignores text messages, logs one line for all of them, and stays connected', async () => {
  const warnings: string[] = [];
  const quiet = () => {};
  const logger: Logger = {
    debug: quiet,
    info: quiet,
    error: quiet,
    warn: (_fields, message) => void warnings.push(message),
    child: () => logger,
  };
  const { ws, port } = await startServer({ logger });
  const socket = await rawUpgrade(port, 'chatty');
  const heard = once(ws, 'message');
  socket.write(Buffer.concat([frame(text('a'), { opcode: 1 }), frame(text('b'), { opcode: 1 }), frame(text('c'))]));
  const [, message] = await heard;
  expect(message).toEqual(text('c'));
  expect(warnings).toEqual(['text message ignored: only binary messages are supported']);
});

it('survives random bytes after the upgrade', async () => {
  const { ws, port, url } = await startServer();
  echo(ws);
  const bystander = connect(url);
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    return seed >>> 24;
  };
  for (let round = 0; round < 50; round += 1) {
    const socket = await rawUpgrade(port, 'mallory');
    socket.resume();
    socket.end(Buffer.from(Array.from({ length: 200 }, random)));
    await once(socket, 'close');
    await roundTrip(bystander);
  }
  expect([...ws.connections].map(({ clientID }) => clientID)).toEqual(['alice']);
});
