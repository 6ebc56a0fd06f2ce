import { RtcdClient } from '@rtcd/client';
import { joinCall, play, rtcdSignaling } from '@rtcd/participant';

const client = new RtcdClient({
  url: process.env.RTCD_URL ?? 'http://localhost:8045',
  clientID: 'my-installation',
  authKey: process.env.RTCD_AUTH_KEY ?? 'at-least-32-characters-that-stay-secret',
  registerOnDemand: true, // if rtcd allows self-registration
});
await client.connect();

// A bot joins a call, and greets the first one that it hears.
const call = await joinCall({ signaling: rtcdSignaling(client), callID: process.env.CALL_ID ?? 'standup' });
const voice = await call.publishVoice();
if (call.tracks.length === 0) await new Promise((resolve) => call.once('voice', resolve));
console.log('hello', call.tracks[0]?.sessionID);
await play(voice, new URL('hello.ogg', import.meta.url)); // Opus in Ogg, at the pace of real time

await call.leave();
await client.close();
