import { once } from 'node:events';
import { expect, it } from 'vitest';
import { type WsConnection, WsError } from '../src/index.ts';
import { createFakeClock } from '../src/testing/index.ts';
import { connect, echo, roundTrip, startServer } from './harness.ts';
import { rawUpgrade } from './raw-client.ts';

it('fills only the queue of the slow reader, reports it to the sender, and drops the slow reader after 10 s', async () => {
  const clock = createFakeClock();
  const { ws, port, url } = await startServer({ clock });
  echo(ws);
  const opened = once(ws, 'open') as Promise<[WsConnection]>;
  await rawUpgrade(port, 'slow');
  const [slow] = await opened;
  const quick = connect(url, { auth: { type: 'basic', clientID: 'quick', authKey: 'key' } });
  await once(quick, 'open');

  const message = new Uint8Array(64 * 1024);
  const fill = async (): Promise<unknown> => {
    try {
      for (;;) {
        ws.send(slow.connID, message);
        await roundTrip(quick);
      }
    } catch (error) {
      return error;
    }
  };
  const error = await fill();
  expect(error).toBeInstanceOf(WsError);
  expect(error).toMatchObject({ code: 'queue_full' });
  expect(slow.queuedBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
  await roundTrip(quick);

  const closed = once(ws, 'close');
  clock.advance(10_000);
  const [connection, info] = await closed;
  expect(connection).toBe(slow);
  expect(info.reason).toBe('no data accepted for 10000 ms');
  expect(() => ws.send(slow.connID, message)).toThrow(expect.objectContaining({ code: 'unknown_connection' }));
  await roundTrip(quick);
});

it('queues 5000 messages for a stalled connection, and not one more', async () => {
  const { ws, port } = await startServer();
  const opened = once(ws, 'open') as Promise<[WsConnection]>;
  await rawUpgrade(port, 'slow');
  const [slow] = await opened;
  for (let sent = 0; sent < 5000; sent += 1) ws.send(slow.connID, new Uint8Array(100));
  expect(() => ws.send(slow.connID, new Uint8Array(100))).toThrow(expect.objectContaining({ code: 'queue_full' }));
  expect(slow.queuedMessages).toBe(5000);
});
