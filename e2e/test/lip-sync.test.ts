import { newID } from '@rtcd/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { busyMachine } from '../src/busy-machine.ts';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { type FlashingPage, flashAndBeep } from '../src/flash-and-beep.ts';
import { until } from '../src/until.ts';

/** Range that viewers accept (ITU-R BT.1359): sound so much before the picture, or after it. They begin to notice at 45 and 125 ms. */
const ACCEPTED_EARLY_MS = 90;
const ACCEPTED_LATE_MS = 185;
const FLASHES = 9;

const median = (values: readonly number[]) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!);

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

it('rtcd keeps the picture and the sound of a screen as close as viewers accept', async ({ onTestFailed }) => {
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
  const isTogether = overRtcd > -ACCEPTED_EARLY_MS && overRtcd < ACCEPTED_LATE_MS;
  const busy = busyMachine();
  if (busy === undefined) expect(isTogether, `sound ${overRtcd} ms after the picture`).toBe(true);
  else if (!isTogether) console.warn(`That is not judged: ${busy}`);
});
