import { newID } from '@rtcd/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { busyMachine } from '../src/busy-machine.ts';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { type FlashingPage, flashAndBeep } from '../src/flash-and-beep.ts';
import { until } from '../src/until.ts';

/** Difference at which viewers begin to notice (ITU-R BT.1359: sound 45 ms early). */
const NOTICED_MS = 45;
const FLASHES = 9;

const median = (values: readonly number[]) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!);

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

it('rtcd keeps the picture and the sound of a screen together as a direct connection does', async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(calls.story()));
  const options = callsClients['the web client that signals over the WebSocket'];
  const callID = newID();
  const sender = await calls.join(callID, options);
  const { page } = await calls.join(callID, options);
  for (const target of [sender.page, page]) await target.evaluate(flashAndBeep);
  await sender.shareScreen();
  await until(
    'plays the screen and its sound',
    () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLMediaElement>('audio, video')].map(({ dataset }) => dataset.source),
      ),
    (sources) => sources.sort().join() === `screen-audio_${sender.sessionID},screen_${sender.sessionID}`,
  );
  const overRtcd = median(
    await page.evaluate((flashes) => {
      const video = document.querySelector('video') as HTMLVideoElement;
      const { srcObject } = document.querySelector('audio') as HTMLAudioElement;
      return (window as unknown as FlashingPage).measureLagsMs(video, srcObject as MediaStream, flashes);
    }, FLASHES),
  );
  const direct = median(
    await page.evaluate(async (flashes) => {
      const { measureLagsMs, playDirectly } = window as unknown as FlashingPage;
      const video = await playDirectly();
      return measureLagsMs(video, video.srcObject as MediaStream, flashes);
    }, FLASHES),
  );
  console.log(`sound comes ${overRtcd} ms after the picture, and ${direct} ms without rtcd`);
  const isTogether = Math.abs(overRtcd - direct) < NOTICED_MS;
  const busy = busyMachine();
  if (busy === undefined) expect(isTogether, `${overRtcd - direct} ms apart`).toBe(true);
  else if (!isTogether) console.warn(`That is not judged: ${busy}`);
});
