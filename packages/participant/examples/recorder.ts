import { RtcdClient } from '@rtcd/client';
import { joinCall, record, rtcdSignaling } from '@rtcd/participant';

const client = new RtcdClient({
  url: process.env.RTCD_URL ?? 'http://localhost:8045',
  clientID: 'my-installation',
  authKey: process.env.RTCD_AUTH_KEY ?? 'at-least-32-characters-that-stay-secret',
  registerOnDemand: true,
});
await client.connect();

// Records a call until its last speaker has left.
const call = await joinCall({ signaling: rtcdSignaling(client), callID: process.env.CALL_ID ?? 'standup' });
const recording = await record(call, process.env.FOLDER ?? `recording-${Date.now()}`);
await new Promise<void>((resolve) => {
  call.on('left', () => call.tracks.length === 0 && resolve());
  call.on('closed', () => resolve());
});
const { files } = await recording.stop();
console.log('recorded', ...files.map(({ name }) => name));

await call.leave();
await client.close();
