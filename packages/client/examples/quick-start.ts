import { once } from 'node:events';
import { RtcdClient } from '@rtcd/client';
import { newID, RtcMessageType } from '@rtcd/protocol';

const client = new RtcdClient({
  url: process.env.RTCD_URL ?? 'http://localhost:8045',
  clientID: 'my-installation',
  authKey: process.env.RTCD_AUTH_KEY ?? 'at-least-32-characters-that-stay-secret',
  registerOnDemand: true, // if rtcd allows self-registration
});

client.on('rtc', (message) => console.log('signaling for the browser of', message.userID));
client.on('sessionClosed', () => console.log('the session is closed'));
client.on('error', (error) => console.error(error.message));

await client.connect(); // from now on it reconnects by itself, and claims its sessions again
console.log('connected to rtcd', (await client.getVersionInfo()).buildVersion);

// A user joins a call ...
const ids = { callID: newID(), userID: newID(), sessionID: newID() };
client.join({ ...ids, channelID: newID(), av1Support: false, dcSignaling: true });

// ... what the user's browser sends is passed on (here: it mutes) ...
client.sendRtc({ ...ids, groupID: '', type: RtcMessageType.Mute, data: new Uint8Array() });

// ... and the user leaves.
const closed = once(client, 'sessionClosed');
client.leave(ids.sessionID);
await closed;
await client.close();
