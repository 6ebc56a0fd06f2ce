import { randomBytes } from 'node:crypto';
import { RtcdClient } from '@rtcd/client';
import { newID } from '@rtcd/protocol';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser } from '../src/browser.ts';
import { CallsClientParticipant, callsClients } from '../src/calls-client/calls-client.ts';
import type { ClientOptions } from '../src/calls-client/page.ts';
import { type RunningRtcd, runRtcd } from '../src/running-demo.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { receivedVideos } from '../src/video-stats.ts';

let browser: Browser;
let rtcd: RunningRtcd;
let client: RtcdClient;
let context: BrowserContext;
/** Signal of the running test. */
const joined: CallsClientParticipant[] = [];

beforeAll(async () => {
  [browser, rtcd] = await Promise.all([launchBrowser(), runRtcd()]);
  const authKey = randomBytes(32).toString('base64url');
  client = new RtcdClient({ url: rtcd.url, clientID: 'calls', authKey, registerOnDemand: true });
  client.setMaxListeners(100);
  await client.connect();
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await rtcd?.close();
});

beforeEach(async () => {
  context = await browser.newContext();
});

afterEach(async ({ task }) => {
  await context.close();
  if (task.result?.state === 'fail')
    console.error([...rtcd.log, ...joined.map(({ exchange }) => exchange.join('\n'))].join(''));
  joined.length = 0;
});

async function meet(callID: string, count: number, options: ClientOptions): Promise<CallsClientParticipant[]> {
  const people: CallsClientParticipant[] = [];
  for (let index = 0; index < count; index += 1) {
    people.push(await CallsClientParticipant.join(context, client, callID, options));
  }
  joined.push(...people);
  return people;
}

type Pair = readonly [CallsClientParticipant, CallsClientParticipant];

const defaults = callsClients['the web client that signals over the WebSocket'];
const installations: Readonly<Record<string, ClientOptions>> = {
  'a default installation': defaults,
  'an installation that signals over the data channel':
    callsClients['the web client that signals over the data channel'],
  'an installation with simulcast': { ...defaults, simulcast: true },
};

describe.each(Object.entries(installations))('in %s', (_name, options) => {
  it('a screen is seen by those who are there and by late joiners, once and without a freeze, and so is the next one', async () => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2, options)) as unknown as Pair;
    await ada.shareScreen();
    await untilSeesVideos(grace.page, { [`screen_${ada.sessionID}`]: 'screen' });
    const [late] = (await meet(callID, 1, options)) as [CallsClientParticipant];
    await untilSeesVideos(late.page, { [`screen_${ada.sessionID}`]: 'screen' });
    expect(await receivedVideos(late.page)).toMatchObject([{ codec: 'video/VP8', freezes: 0 }]);
    await ada.stopScreen();
    await grace.shareScreen();
    for (const { page } of [ada, late]) await untilSeesVideos(page, { [`screen_${grace.sessionID}`]: 'screen' });
  });
});

describe('in an installation with AV1', () => {
  it('a screen goes in AV1 to those who know it, and in VP8 to all others', async () => {
    const callID = newID();
    const [ada, grace] = (await meet(callID, 2, { ...defaults, av1: true })) as unknown as Pair;
    const [old] = (await meet(callID, 1, defaults)) as [CallsClientParticipant];
    await ada.shareScreen();
    for (const { page } of [grace, old]) await untilSeesVideos(page, { [`screen_${ada.sessionID}`]: 'screen' });
    expect((await receivedVideos(old.page)).map(({ codec }) => codec)).toEqual(['video/VP8']);
    expect((await receivedVideos(grace.page)).map(({ codec }) => codec)).toContain('video/AV1');
  });
});

describe('in a direct message', () => {
  it('cameras are seen both ways beside a screen, and again under a stream that no description has', async () => {
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
