import { once } from 'node:events';
import { joinCall, play, sfuSignaling } from '@rtcd/participant';
import { openSfu } from '@rtcd/rtc';

const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
const signaling = sfuSignaling(sfu, 'acme');

// A bot that plays a file over and over, and mutes itself while a person speaks.
const player = await joinCall({ signaling, callID: 'lounge', sessionID: 'player' });
const voice = await player.publishVoice();
const speakers = new Set<string>();
player.on('speaking', ({ sessionID, isSpeaking }) => {
  if (sessionID === player.sessionID) return;
  if (isSpeaking) speakers.add(sessionID);
  else speakers.delete(sessionID);
  if (speakers.size > 0 === voice.isMuted) return;
  if (voice.isMuted) voice.unmute();
  else voice.mute();
  console.log(voice.isMuted ? `quiet: ${sessionID} speaks` : 'plays again');
});
const stop = new AbortController();
const playing = (async () => {
  while (!stop.signal.aborted) await play(voice, new URL('hello.ogg', import.meta.url), { signal: stop.signal });
})().catch(() => {});

// A person, who speaks for a while. The SFU hears that by the changes of the level.
const person = await joinCall({ signaling, callID: 'lounge', sessionID: 'alice' });
const voiceOfPerson = await person.publishVoice();
let packets = 0;
const speaking = setInterval(() => {
  voiceOfPerson.send(Uint8Array.of(0xf8, 0xff, 0xfe), { level: packets++ % 10 < 5 ? 10 : 90 });
}, 20);
await once(player, 'speaking');
clearInterval(speaking);
const silent = once(player, 'speaking');
voiceOfPerson.mute();
await silent;

stop.abort();
await playing;
await Promise.all([person.leave(), player.leave()]);
await sfu.close();
