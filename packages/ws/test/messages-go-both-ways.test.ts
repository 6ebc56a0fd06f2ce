import { once } from 'node:events';
import { expect, it } from 'vitest';
import { bytes, connect, startServer } from './harness.ts';

it('carries binary messages both ways, unchanged and in order', async () => {
  const { ws, url } = await startServer();
  ws.on('open', ({ connID, clientID }) => ws.send(connID, new TextEncoder().encode(clientID)));
  ws.on('message', ({ connID }, message) => ws.send(connID, message.toReversed()));
  const client = connect(url);
  const received: Uint8Array[] = [];
  const done = new Promise<void>((resolve) => {
    client.on('message', (message) => {
      received.push(message);
      if (received.length === 4) resolve();
    });
  });
  client.send(bytes(1, 2, 3));
  await once(client, 'open');
  client.send(bytes());
  client.send(new Uint8Array(1024 * 1024).fill(7));
  await done;
  expect(received).toEqual([
    new TextEncoder().encode('alice'),
    bytes(3, 2, 1),
    bytes(),
    new Uint8Array(1024 * 1024).fill(7),
  ]);
});

it('names each connection with 26 characters of its own', async () => {
  const { ws, url } = await startServer();
  const ids = new Set<string>();
  ws.on('open', ({ connID }) => ids.add(connID));
  const connID = 'a'.repeat(26);
  const clients = [connect(url, { connID }), connect(url, { connID })];
  await Promise.all(clients.map((client) => once(client, 'open')));
  expect(clients.map((client) => client.connID)).toEqual([connID, connID]);
  expect(ids.size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^[ybndrfg8ejkmcpqxot1uwisza345h769]{26}$/);
});
