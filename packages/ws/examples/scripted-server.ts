import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connectWsClient } from '@rtcd/ws/client';
import { startScriptedServer } from '@rtcd/ws/testing';

const server = await startScriptedServer({
  onOpen: (connection) => connection.send(Uint8Array.of(1)),
});

const client = connectWsClient({ url: server.url, auth: { type: 'bearer', token: 'secret' } });
const [greeting] = await once(client, 'message');
assert.deepEqual(greeting, Uint8Array.of(1));

const connection = await server.nextConnection();
assert.equal(connection.request.headers.authorization, 'Bearer secret');

client.send(Uint8Array.of(2));
assert.deepEqual(await connection.nextMessage(), Uint8Array.of(2));

connection.close(4000, 'enough');
const [{ code, reason }] = await once(client, 'close');
assert.deepEqual([code, reason], [4000, 'enough']);

await server.close();
