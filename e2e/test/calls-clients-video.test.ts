import { newID } from '@rtcd/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CallsClientParticipant, callsClients } from '../src/calls-client/calls-client.ts';
import { CallsInstallation } from '../src/calls-client/calls-installation.ts';
import type { ClientOptions } from '../src/calls-client/page.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { type MediaPage, receivedVideos, sentVideos } from '../src/video-stats.ts';

/** A request, and its repetition if the answer takes more than a second on a busy machine. */
const MOST_KEYFRAMES = 3;

let calls: CallsInstallation;

beforeAll(async () => {
  calls = await CallsInstallation.start();
});

afterAll(() => calls?.close());

afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') console.error(calls.story());
  await calls.endCalls();
});

async function meet(callID: string, count: number, options: ClientOptions): Promise<CallsClientParticipant[]> {
  const people: CallsClientParticipant[] = [];
  for (let index = 0; index < count; index += 1) people.push(await calls.join(callID, options));
  return people;
}

type Pair = readonly [CallsClientParticipant, CallsClientParticipant];

const codecsAt = async (page: MediaPage) => (await receivedVideos(page)).map(({ codec }) => codec);

/** Returns false where the browser cannot: `codec` was added to the parameters of an encoding late. */
const changeScreenCodec = (client: CallsClientParticipant, wanted: string): Promise<boolean> =>
  client.page.evaluate(async (mimeType) => {
    const sender = window.peers[0]?.getSenders().find(({ track }) => track?.kind === 'video');
    const codec = RTCRtpReceiver.getCapabilities('video')?.codecs.find((known) => known.mimeType === mimeType);
    if (!sender || !codec) return false;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) Object.assign(encoding, { codec });
    await sender.setParameters(parameters);
    return sender.getParameters().encodings.every((encoding) => 'codec' in encoding);
  }, wanted);

const defaults = callsClients['the web client that signals over the WebSocket'];
const installations: Readonly<Record<string, ClientOptions>> = {
  'a default installation': defaults,
  'an installation that signals over the data channel':
    callsClients['the web client that signals over the data channel'],
  'an installation with simulcast': { ...defaults, simulcast: true },
  'an installation with simulcast that signals over the data channel': {
    ...callsClients['the web client that signals over the data channel'],
    simulcast: true,
  },
  // With simulcast, clients leave AV1 out.
  'an installation with simulcast and AV1': { ...defaults, simulcast: true, av1: true },
};
const withAv1: Readonly<Record<string, ClientOptions>> = {
  'an installation with AV1': { ...defaults, av1: true },
  'an installation with AV1 that signals over the data channel': {
    ...callsClients['the web client that signals over the data channel'],
    av1: true,
  },
};

describe.each(Object.entries(installations))('in %s', (_name, options) => {
  it('a screen is seen by members and late joiners, once and without a freeze, and so is the next one', async () => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2, options)) as unknown as Pair;
    await ada.shareScreen();
    const screen = `screen_${ada.sessionID}`;
    await untilSeesVideos(grace.page, { [screen]: 'screen' });
    const before = await sentVideos(ada.page);
    const [late] = (await meet(callID, 1, options)) as [CallsClientParticipant];
    await untilSeesVideos(late.page, { [screen]: 'screen' });
    const firstMs = (await late.page.evaluate(() => window.client.firstPicturesMs()))[screen];
    console.log(`a late joiner sees the screen ${firstMs} ms after it is announced`);
    // Chromium makes key frames on request alone, so that the first picture is the answer to one.
    const after = await sentVideos(ada.page);
    const asked = after.map(({ keyframes }, encoding) => keyframes - before[encoding]!.keyframes);
    expect(Math.max(...asked), 'key frames for a late joiner').toBeGreaterThan(0);
    expect(Math.max(...asked), 'key frames for a late joiner').toBeLessThanOrEqual(MOST_KEYFRAMES);
    expect(await receivedVideos(late.page)).toMatchObject([{ codec: 'video/VP8', freezes: 0 }]);
    await ada.stopScreen();
    await grace.shareScreen();
    for (const { page } of [ada, late]) await untilSeesVideos(page, { [`screen_${grace.sessionID}`]: 'screen' });
  });
});

describe.each(Object.entries(withAv1))('in %s', (_name, options) => {
  it('a screen is sent in AV1 to those who support it, in VP8 to all others, and to late joiners of both kinds', async () => {
    const callID = newID();
    const withoutAv1 = { ...options, av1: false };
    const [ada, grace] = (await meet(callID, 2, options)) as unknown as Pair;
    const [old] = (await meet(callID, 1, withoutAv1)) as [CallsClientParticipant];
    await ada.shareScreen();
    const screen = { [`screen_${ada.sessionID}`]: 'screen' } as const;
    for (const { page } of [grace, old]) await untilSeesVideos(page, screen);
    const [late] = (await meet(callID, 1, options)) as [CallsClientParticipant];
    const [lateOld] = (await meet(callID, 1, withoutAv1)) as [CallsClientParticipant];
    for (const { page } of [late, lateOld]) await untilSeesVideos(page, screen);
    for (const { page } of [old, lateOld]) expect(await codecsAt(page)).toEqual(['video/VP8']);
    expect(await codecsAt(grace.page)).toContain('video/AV1');
    expect(await codecsAt(late.page)).toEqual(['video/AV1']);
  });

  it('a camera is sent in AV1 to those who support it, and in VP8 to all others', async () => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2, options)) as unknown as Pair;
    const [old] = (await meet(callID, 1, { ...options, av1: false })) as [CallsClientParticipant];
    await ada.startCamera();
    for (const { page } of [grace, old]) await untilSeesVideos(page, { [`video_${ada.sessionID}`]: 'camera' });
    expect(await codecsAt(old.page)).toEqual(['video/VP8']);
    expect(await codecsAt(grace.page)).toContain('video/AV1');
  });
});

describe.each(['video/H264', 'video/VP9'])('a screen that is sent in %s alone', (screenCodec) => {
  it('is seen by members and late joiners', async ({ skip }) => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2, { ...defaults, screenCodec })) as unknown as Pair;
    const known = await ada.page.evaluate(() => RTCRtpSender.getCapabilities('video')?.codecs.map((it) => it.mimeType));
    skip(!known?.includes(screenCodec), `this browser does not encode ${screenCodec}`);
    await ada.shareScreen();
    const screen = { [`screen_${ada.sessionID}`]: 'screen' } as const;
    await untilSeesVideos(grace.page, screen);
    const [late] = (await meet(callID, 1, defaults)) as [CallsClientParticipant];
    await untilSeesVideos(late.page, screen);
    for (const { page } of [grace, late]) expect(await codecsAt(page)).toEqual([screenCodec]);
  });
});

describe('a screen whose codec changes without negotiation', () => {
  it('goes on where it is seen', async ({ skip }) => {
    const [ada, grace] = (await meet(newID(), 2, defaults)) as unknown as Pair;
    await ada.shareScreen();
    const screen = { [`screen_${ada.sessionID}`]: 'screen' } as const;
    await untilSeesVideos(grace.page, screen);
    expect(await codecsAt(grace.page)).toEqual(['video/VP8']);
    const isChanged = await changeScreenCodec(ada, 'video/VP9');
    skip(!isChanged, 'this browser has no codec in the parameters of an encoding');
    await expect.poll(() => codecsAt(grace.page), { timeout: 20_000 }).toEqual(['video/VP9']);
    const framesDecoded = async () => (await receivedVideos(grace.page))[0]!.framesDecoded;
    const before = await framesDecoded();
    await expect.poll(framesDecoded, { timeout: 20_000 }).toBeGreaterThan(before + 5);
    await changeScreenCodec(ada, 'video/VP8');
    await expect.poll(() => codecsAt(grace.page), { timeout: 20_000 }).toEqual(['video/VP8']);
    await untilSeesVideos(grace.page, screen);
  });
});

describe('in a direct message', () => {
  it('cameras are seen both ways beside a screen, and again under a stream that no description names', async () => {
    const [ada, grace] = (await meet(newID(), 2, defaults)) as unknown as Pair;
    await Promise.all([ada.startCamera(), grace.startCamera()]);
    await untilSeesVideos(ada.page, { [`video_${grace.sessionID}`]: 'camera' });
    await untilSeesVideos(grace.page, { [`video_${ada.sessionID}`]: 'camera' });
    await ada.shareScreen();
    const both = { [`video_${ada.sessionID}`]: 'camera', [`screen_${ada.sessionID}`]: 'screen' } as const;
    await untilSeesVideos(grace.page, both);
    await ada.stopCamera();
    await ada.startCamera();
    await untilSeesVideos(grace.page, both);
  });
});
