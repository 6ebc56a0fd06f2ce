import { newID } from '@rtcd/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Bottleneck } from '../src/bottleneck.ts';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { untilHears } from '../src/hearing.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { UdpPath } from '../src/udp-path.ts';
import { type WatchedVideo, watchVideo } from '../src/watched-video.ts';

/** Settings of an installation with simulcast, except that the widths tell the encodings apart. */
const options = {
  ...callsClients['the web client that signals over the WebSocket'],
  screenEncodings: [
    { rid: 'l', maxBitrate: 500_000, maxFramerate: 5, scaleResolutionDownBy: 2 },
    { rid: 'h', maxBitrate: 2_500_000, maxFramerate: 20, scaleResolutionDownBy: 1 },
  ],
};
const painting = { size: [640, 360], framesPerSecond: 10, isNoisy: true } as const;
const LOW_WIDTH = 320;
const HIGH_WIDTH = 640;

const WIDE_BPS = 20_000_000;
/** Enough for the lower encoding, the voice, and the sound of the screen. */
const NARROW_BPS = 900_000;
/** In frames of the sender, ten per second: the sender is the clock, which a busy machine slows down as well. */
const LASTING_FREEZE_FRAMES = 40;

let calls: CallsInstallation;
const bottleneck = new Bottleneck({ rateBps: WIDE_BPS, maxQueueMs: 200, delayMs: 20 });
const path = await UdpPath.open({ down: bottleneck });

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(async () => {
  path.close();
  await calls?.close();
});

it('a receiver whose path narrows gets the lower encoding until it widens, with continuous sound; others keep the upper one', async ({
  onTestFailed,
}) => {
  onTestFailed(() => console.error(calls.story()));
  const callID = newID();
  const sender = await calls.join(callID, options, { painting });
  const throttled = await calls.join(callID, options, { path });
  const free = await calls.join(callID, options);
  await sender.unmute();
  await sender.shareScreen();
  const label = `screen_${sender.sessionID}`;
  const watch = async ({ page }: { readonly page: typeof sender.page }): Promise<WatchedVideo> => {
    await untilSeesVideos(page, { [label]: 'screen' });
    return watchVideo(page, label);
  };
  const [narrow, wide] = [await watch(throttled), await watch(free)];
  const hears = () => untilHears(throttled.page, [sender.sessionID]);

  for (const video of [narrow, wide]) await video.untilWidth(HIGH_WIDTH);
  const seenBefore = (await wide.pictures()).length;
  bottleneck.setRate(NARROW_BPS);
  await Promise.all([narrow.untilWidth(LOW_WIDTH), hears()]);
  await hears();
  bottleneck.setRate(WIDE_BPS);
  await Promise.all([narrow.untilWidth(HIGH_WIDTH), hears()]);

  const longest = Math.max(...(await narrow.steps()));
  console.log(`longest time without a new picture: ${longest} frames, ${bottleneck.dropped} datagrams dropped`);
  expect(longest).toBeLessThan(LASTING_FREEZE_FRAMES);
  const widths = (await wide.pictures()).slice(seenBefore).map(({ width }) => width);
  expect(new Set(widths)).toEqual(new Set([HIGH_WIDTH]));
});
