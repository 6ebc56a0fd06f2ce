import { once } from 'node:events';
import { joinCall, sfuSignaling } from '@rtcd/participant';
import { openSfu } from '@rtcd/rtc';

// An SFU in this process, on loopback and a free port.
const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
const signaling = sfuSignaling(sfu, 'acme');
const alice = await joinCall({ signaling, callID: 'standup', sessionID: 'alice' });
const bob = await joinCall({ signaling, callID: 'standup', sessionID: 'bob' });

bob.on('voice', (track) => {
  console.log(`bob hears ${track.sessionID}`);
  track.once('frame', ({ payload }) => console.log(`the first frame has ${payload.length} bytes`));
});
const left = once(bob, 'left');

const voice = await alice.publishVoice();
for (let packet = 0; packet < 25; packet++) {
  voice.send(Uint8Array.of(0xf8, 0xff, 0xfe)); // 20 ms of silence, as Opus
  await new Promise((resolve) => setTimeout(resolve, 20));
}
await alice.leave();
console.log('who left:', ...(await left));

await bob.leave();
await sfu.close();
