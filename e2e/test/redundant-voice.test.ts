import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears, voicesAt } from '../src/hearing.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { until } from '../src/until.ts';

let browser: Browser;
let demo: RunningDemo;

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

/** Puts a codec in front of the others that a page offers and answers for audio, or has it offer and answer no other. */
function preferAudio({ codec, isOnly }: { readonly codec: string; readonly isOnly: boolean }): void {
  const prefer = (transceiver: RTCRtpTransceiver) => {
    const { codecs } = RTCRtpReceiver.getCapabilities('audio')!;
    const isPreferred = ({ mimeType }: RTCRtpCodec) => mimeType === codec;
    const others = isOnly ? [] : codecs.filter((it) => !isPreferred(it));
    transceiver.setCodecPreferences([...codecs.filter(isPreferred), ...others]);
  };
  const { setLocalDescription } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.setLocalDescription = async function (this: RTCPeerConnection): Promise<void> {
    for (const transceiver of this.getTransceivers()) {
      if (transceiver.receiver.track.kind === 'audio') prefer(transceiver);
    }
    return setLocalDescription.apply(this);
  };
}

/** Joins with a page of its own kind. */
async function join(name: string, codec: string, isOnly: boolean): Promise<Participant> {
  const context = await openContext(browser);
  await context.addInitScript(preferAudio, { codec, isOnly });
  return Participant.join(context, demo.url, { name, room: 'redundant' });
}

/** Bytes per packet in which the voice of a sender arrives. Statistics name the codec within, not RED. */
async function bytesPerPacket(receiver: Participant, sender: Participant): Promise<number> {
  const { bytes = 0, packets = 1 } = (await voicesAt(receiver.page))[sender.sessionID] ?? {};
  return bytes / packets;
}

it('a voice that Chromium sends with redundancy is heard with it, and as plain Opus by a page that takes that alone', async () => {
  const ada = await join('Ada', 'audio/red', false);
  const grace = await join('Grace', 'audio/opus', false);
  const barbara = await join('Barbara', 'audio/opus', true);
  const everyone = [ada, grace, barbara];
  for (const one of everyone) {
    await untilHears(
      one.page,
      everyone.filter((other) => other !== one).map(({ sessionID }) => sessionID),
    );
  }
  // Each packet repeats the one before.
  await until(
    'what Grace gets is about twice as large as what Barbara gets',
    async () => (await bytesPerPacket(grace, ada)) / (await bytesPerPacket(barbara, ada)),
    (ratio) => ratio > 1.6,
  );
  expect(await bytesPerPacket(barbara, ada)).toBeLessThan(1.2 * (await bytesPerPacket(barbara, grace)));
  expect(await ada.page.getByRole('alert').textContent()).toBe('');
});
