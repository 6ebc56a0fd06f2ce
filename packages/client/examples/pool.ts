import { RtcdClientPool } from '@rtcd/client';
import { newID } from '@rtcd/protocol';

const pool = new RtcdClientPool({
  url: process.env.RTCD_URL ?? 'http://localhost:8045', // a name with an address for each rtcd
  clientID: 'my-installation',
  authKey: process.env.RTCD_AUTH_KEY ?? 'at-least-32-characters-that-stay-secret',
  registerOnDemand: true,
});
pool.on('host', ({ address, change }) => console.log(address, change));
pool.on('rtc', (message) => console.log('signaling for the browser of', message.userID));
pool.on('callLost', ({ callID }) => console.log('lost with its host:', callID));
await pool.start();

// The first session of a call puts it on the least loaded host, where it stays until the last one leaves.
const session = { callID: newID(), userID: newID(), sessionID: newID(), channelID: newID() };
const address = await pool.join({ ...session, av1Support: false, dcSignaling: true });
console.log('the call is on', address);

pool.leave(session.sessionID);
await pool.close();
