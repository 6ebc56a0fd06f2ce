import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { paintVideo } from '../src/painted-video.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { untilSeesVideos, untilShows } from '../src/seeing.ts';

let browser: Browser;
let demo: RunningDemo;
let context: BrowserContext;
let rooms = 0;

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

beforeEach(async () => {
  rooms += 1;
  context = await openContext(browser);
  await context.addInitScript(paintVideo);
});

afterEach(async ({ task }) => {
  await context.close();
  if (task.result?.state === 'fail') console.error(demo.log.join(''));
});

const join = (name: string) => Participant.join(context, demo.url, { name, room: `room ${rooms}` });

const press = (person: Participant, name: string) => person.page.getByRole('button', { name, exact: true }).click();

describe('a screen on the demo page', () => {
  it('is seen by others, and by those who come later', async () => {
    const [ada, grace] = [await join('Ada'), await join('Grace')];
    await press(ada, 'Share screen');
    await untilSeesVideos(grace.page, { 'Screen of Ada': 'screen' });
    const barbara = await join('Barbara');
    await untilSeesVideos(barbara.page, { 'Screen of Ada': 'screen' });
    await press(ada, 'Stop sharing');
    for (const { page } of [ada, grace, barbara]) await untilShows(page, []);
  });
});

describe('a camera on the demo page', () => {
  it('is seen on the card of its owner while it is on, and again when it is on again', async () => {
    const [ada, grace] = [await join('Ada'), await join('Grace')];
    await press(ada, 'Start camera');
    await untilSeesVideos(ada.page, { 'Camera of Ada': 'camera' });
    await untilSeesVideos(grace.page, { 'Camera of Ada': 'camera' });
    await press(ada, 'Stop camera');
    for (const { page } of [ada, grace]) await untilShows(page, []);
    await press(ada, 'Start camera');
    await untilSeesVideos(grace.page, { 'Camera of Ada': 'camera' });
    expect(await grace.card('Ada').getByLabel('Camera of Ada').count()).toBe(1);
  });
});
