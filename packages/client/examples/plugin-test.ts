import assert from 'node:assert/strict';
import { once } from 'node:events';
import { RtcdClient } from '@rtcd/client';
import { startFakeRtcd } from '@rtcd/client/testing';

const rtcd = await startFakeRtcd();
const client = new RtcdClient({
  url: rtcd.url,
  clientID: 'my-installation',
  authKey: 'at-least-32-characters-that-stay-secret',
  reconnectIntervalMs: 1,
  registerOnDemand: true,
});
await client.connect();
client.join({ callID: 'c', userID: 'u', sessionID: 's', channelID: 'ch', av1Support: false, dcSignaling: true });
const { message } = await rtcd.nextMessage();
assert.equal(message.type, 'join');

// The connection breaks: the client reconnects and claims its session.
rtcd.cutConnections();
await rtcd.nextMessage(({ message }) => message.type === 'reconnect' && message.data.sessionID === 's');

// rtcd restarts with an empty store: the client registers again.
const connected = once(client, 'connected');
rtcd.restart();
await connected;
assert.deepEqual([...rtcd.clients.keys()], ['my-installation']);

await client.close();
await rtcd.close();
