import { once } from 'node:events';
import { type CallTrack, joinCall, pcm, play, sfuSignaling } from '@rtcd/participant';
import { openSfu } from '@rtcd/rtc';

/** Interface of most recognizers: they take samples of 16 kHz, and return text when they have some. */
interface Recognizer {
  accept(samples: Float32Array): string | undefined;
  end(): string | undefined;
}

// Put your engine here. This one recognizes how long it was spoken to.
function createRecognizer(): Recognizer {
  let loudSamples = 0;
  return {
    accept(samples) {
      loudSamples += samples.filter((sample) => Math.abs(sample) > 0.01).length;
      return undefined;
    },
    end: () => (loudSamples > 1_600 ? 'something of more than 0.1 s' : undefined),
  };
}

async function transcribe(track: CallTrack): Promise<void> {
  const recognizer = createRecognizer();
  const print = (text: string | undefined) => text && console.log(`${track.sessionID} said ${text}`);
  for await (const { samples } of pcm(track)) print(recognizer.accept(samples));
  print(recognizer.end());
}

const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
const signaling = sfuSignaling(sfu, 'acme');
const transcriber = await joinCall({ signaling, callID: 'standup', sessionID: 'transcriber' });
const transcripts: Promise<void>[] = [];
transcriber.on('voice', (track) => transcripts.push(transcribe(track)));

const alice = await joinCall({ signaling, callID: 'standup', sessionID: 'alice' });
await play(await alice.publishVoice(), new URL('hello.ogg', import.meta.url));
const left = once(transcriber, 'left');
await alice.leave();
await left;
await Promise.all(transcripts);

await transcriber.leave();
await sfu.close();
