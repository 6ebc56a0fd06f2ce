import { newID } from '@rtcd/protocol';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { sendOnly } from '../src/send-only.ts';
import { watchVideo } from '../src/watched-video.ts';

const client = callsClients['the web client that signals over the WebSocket'];
/** Without a mode, libwebrtc makes layers of a single AV1 stream of these, and without temporal layers, it sends VP8 without dependency descriptors. */
const scalabilityMode = 'L1T2';
const screenEncodings = [
  { rid: 'l', scalabilityMode, maxBitrate: 300_000, scaleResolutionDownBy: 2 },
  { rid: 'h', scalabilityMode, maxBitrate: 600_000, scaleResolutionDownBy: 1 },
];
const widths = { l: 240, h: 480 } as const;
const painting = { size: [480, 270], framesPerSecond: 15 } as const;

const SWITCHES = 6;
/** Pictures after a switch that must follow one another. */
const PICTURES = 10;

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

it.each(['video/VP8', 'video/AV1'])(
  '%s that is encrypted end to end, all of it, is decoded after each switch between encodings',
  async (screenCodec) => {
    onTestFailed(() => console.error(calls.story()));
    const callID = newID();
    const options = { ...client, screenEncodings, screenCodec };
    const sender = await calls.join(callID, options, { painting, isEncrypted: true });
    const { page } = await calls.join(callID, { ...options, av1: true }, { isEncrypted: true });
    await sender.shareScreen();
    const label = `screen_${sender.sessionID}`;
    await sendOnly(sender, 'l');
    await untilSeesVideos(page, { [label]: 'screen' });
    const video = await watchVideo(page, label);
    await video.untilWidth(widths.l, PICTURES);
    for (let round = 0; round < SWITCHES; round++) {
      const rid = round % 2 === 0 ? 'h' : 'l';
      await sendOnly(sender, rid);
      await video.untilWidth(widths[rid], PICTURES);
    }
    const pictures = await video.pictures();
    expect(pictures.filter(({ counter }) => counter === undefined)).toEqual([]);
    expect(Math.min(...(await video.steps()))).toBeGreaterThan(0);
  },
);
