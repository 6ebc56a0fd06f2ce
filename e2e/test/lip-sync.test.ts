import { newID } from '@rtcd/protocol';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { beepingScreen, type HeardBeep } from '../src/beeping-screen.ts';
import { busyMachine } from '../src/busy-machine.ts';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { until } from '../src/until.ts';

/** Difference at which viewers begin to notice (ITU-R BT.1359: sound 45 ms early). */
const NOTICED_MS = 45;
/** Sender reports of sound come every 5 s, and then the browser moves sound and picture together, step by step. */
const SETTLING_BEEPS = 20;
const JUDGED_BEEPS = 15;

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

/** Sends what the page shares to the other one without rtcd, too. */
async function connectDirectly(from: Page, to: Page): Promise<void> {
  const offer = await from.evaluate(() => window.beepingPage.offerDirectly());
  const answer = await to.evaluate((given) => window.beepingPage.answerDirectly(given), offer);
  await from.evaluate((given) => window.beepingPage.direct.setRemoteDescription(given), answer);
}

/** Compares the screens that arrive over rtcd and directly, of the same beeps. */
const hearBoth = (page: Page): Promise<readonly (readonly HeardBeep[])[]> =>
  page.evaluate((beeps) => {
    const { hearBeeps, directScreen } = window.beepingPage;
    const picture = document.querySelector('video:not(#direct)') as HTMLVideoElement;
    const player = document.querySelector('audio') as HTMLAudioElement;
    const [sound] = (player.srcObject as MediaStream).getAudioTracks() as [MediaStreamTrack];
    const overRtcd = { peer: window.client.peer.pc, picture, sound };
    return Promise.all([hearBeeps(overRtcd, beeps), hearBeeps(directScreen(), beeps)]);
  }, SETTLING_BEEPS + JUDGED_BEEPS);

interface Lag {
  /** By how much sound is later than the picture. */
  readonly lagMs: number;
  /** The part of it that the sender reports do not tell of. */
  readonly unreportedMs: number;
}

const median = (values: readonly number[]) =>
  Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN);

function judge(beeps: readonly HeardBeep[]): Lag {
  const judged = beeps.slice(SETTLING_BEEPS);
  const unreported = judged.flatMap((it) => (it.reportedLagMs === undefined ? [] : [it.lagMs - it.reportedLagMs]));
  return { lagMs: median(judged.map(({ lagMs }) => lagMs)), unreportedMs: median(unreported) };
}

it('rtcd keeps the picture and the sound of a screen together as a direct connection does', async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(calls.story()));
  const options = callsClients['the web client that signals over the WebSocket'];
  const callID = newID();
  const sender = await calls.join(callID, options);
  const { page } = await calls.join(callID, options);
  for (const target of [sender.page, page]) await target.evaluate(beepingScreen);
  await sender.shareScreen();
  await until(
    'plays the screen and its sound',
    () =>
      page.evaluate(() =>
        [...document.querySelectorAll<HTMLMediaElement>('audio, video')].map(({ dataset }) => dataset.source),
      ),
    (sources) => sources.sort().join() === `screen-audio_${sender.sessionID},screen_${sender.sessionID}`,
  );
  await connectDirectly(sender.page, page);
  const [overRtcd, direct] = (await hearBoth(page)).map(judge) as [Lag, Lag];
  const story = `sound comes ${overRtcd.lagMs} ms after the picture, and ${direct.lagMs} ms without rtcd; sender reports do not tell of ${overRtcd.unreportedMs} and ${direct.unreportedMs} ms`;
  console.log(story);
  const differencesMs = [overRtcd.lagMs - direct.lagMs, overRtcd.unreportedMs - direct.unreportedMs];
  const isTogether = differencesMs.every((differenceMs) => Math.abs(differenceMs) < NOTICED_MS);
  const busy = busyMachine();
  if (busy === undefined) expect(isTogether, story).toBe(true);
  else if (!isTogether) console.warn(`That is not judged: ${busy}`);
});
