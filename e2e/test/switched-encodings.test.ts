import { newID } from '@rtcd/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { sendOnly } from '../src/send-only.ts';
import { watchVideo } from '../src/watched-video.ts';

/** Settings of an installation with simulcast, except that the widths tell the encodings apart. */
const options = {
  ...callsClients['the web client that signals over the WebSocket'],
  screenEncodings: [
    { rid: 'l', maxBitrate: 300_000, scaleResolutionDownBy: 2 },
    { rid: 'h', maxBitrate: 600_000, scaleResolutionDownBy: 1 },
  ],
};
const widths = { l: 240, h: 480 } as const;
const painting = { size: [480, 270], framesPerSecond: 20 } as const;

const VIEWERS = 5;
/** Number for each viewer. */
const SWITCHES = 10;
/** Pictures after a switch that must follow one another. */
const PICTURES = 10;

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

it('after each of 50 switches between encodings, pictures are whole and follow one another', async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(calls.story()));
  const callID = newID();
  const sender = await calls.join(callID, options, { painting });
  const viewers = [];
  for (let index = 0; index < VIEWERS; index++) {
    viewers.push(await calls.join(callID, options, { withoutDependencies: index === 0 }));
  }
  await sender.shareScreen();
  const label = `screen_${sender.sessionID}`;
  await sendOnly(sender, 'l');
  await Promise.all(viewers.map(({ page }) => untilSeesVideos(page, { [label]: 'screen' })));
  const videos = await Promise.all(viewers.map(({ page }) => watchVideo(page, label)));
  await Promise.all(videos.map((video) => video.untilWidth(widths.l, PICTURES)));
  const seenBefore = await Promise.all(videos.map(async (video) => (await video.pictures()).length - PICTURES));

  for (let round = 0; round < SWITCHES; round++) {
    const rid = round % 2 === 0 ? 'h' : 'l';
    await sendOnly(sender, rid);
    await Promise.all(videos.map((video) => video.untilWidth(widths[rid], PICTURES)));
  }

  const expectedWidths = Array.from({ length: SWITCHES }, (_, round) => (round % 2 === 0 ? widths.h : widths.l));
  for (const [index, video] of videos.entries()) {
    const pictures = (await video.pictures()).slice(seenBefore[index]);
    expect(pictures.filter(({ counter }) => counter === undefined)).toEqual([]);
    const switched = pictures.slice(1).filter(({ width }, before) => width !== pictures[before]!.width);
    expect(switched.map(({ width }) => width)).toEqual(expectedWidths);
    expect(Math.min(...(await video.steps()))).toBeGreaterThan(0);
  }
});
