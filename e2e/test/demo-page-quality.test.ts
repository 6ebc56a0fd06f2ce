import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { paintVideo } from '../src/painted-video.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { untilSeesVideos } from '../src/seeing.ts';
import { until } from '../src/until.ts';

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

const join = (name: string) => Participant.join(context, demo.url, { name, room: `quality ${rooms}` });

const press = (person: Participant, name: string) => person.page.getByRole('button', { name, exact: true }).click();

/** Waits until a figure of a panel has this form. */
const untilFigure = (panel: Locator, figure: string, form: RegExp) =>
  until(
    `${figure} is like ${form}`,
    async () => (await panel.locator(`[data-figure="${figure}"]`).textContent()) ?? '',
    (text) => form.test(text),
  );

/** Number of points of a line of a panel's plot. */
async function pointsOf(panel: Locator, line: string): Promise<number> {
  const points = (await panel.locator(`[data-line="${line}"]`).getAttribute('points')) ?? '';
  return points.split(' ').filter((point) => point !== '').length;
}

const bitrate = /^[1-9]\d* kbit\/s$/;

describe('the quality panel', () => {
  it('shows how a received screen and camera arrive, and what rtcd chose for them and why', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    await press(ada, 'Share screen');
    await press(ada, 'Start camera');
    await untilSeesVideos(grace.page, { 'Screen of Ada': 'screen', 'Camera of Ada': 'camera' });
    const panels = [grace.page.locator('#stage .quality'), grace.card('Ada').locator('.quality')];
    for (const panel of panels) {
      await panel.getByText('Quality', { exact: true }).click();
      await untilFigure(panel, 'resolution', /^\d+ × \d+$/);
      await untilFigure(panel, 'frames', /^[1-9]\d*$/);
      await untilFigure(panel, 'codec', /^VP8$/);
      await untilFigure(panel, 'level', /^l$/);
      await untilFigure(panel, 'reason', /^(fits|back off|awaiting key frame)$/);
      await untilFigure(panel, 'bitrate', bitrate);
      await untilFigure(panel, 'loss', /^0\.0 %$/);
      await untilFigure(panel, 'estimate', bitrate);
      for (const line of ['bitrate', 'estimate']) {
        await until(
          `a plot of the ${line}`,
          () => pointsOf(panel, line),
          (points) => points > 2,
        );
      }
    }
  });

  it('shows what the browser sends of an own camera', async () => {
    const ada = await join('Ada');
    await join('Grace');
    await press(ada, 'Start camera');
    const panel = ada.card('Ada').locator('.quality');
    await panel.getByText('Quality', { exact: true }).click();
    for (const figure of ['bitrate', 'estimate']) await untilFigure(panel, figure, bitrate);
    await untilFigure(panel, 'codec', /^VP8$/);
  });
});

describe('a screen on the stage', () => {
  it('fills the display, and floats in a window of its own', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    await press(ada, 'Share screen');
    await untilSeesVideos(grace.page, { 'Screen of Ada': 'screen' });
    const isScreen = (name: 'fullscreenElement' | 'pictureInPictureElement') =>
      grace.page.waitForFunction((element) => document[element] === document.querySelector('#stage video'), name);
    await press(grace, 'Full screen');
    await isScreen('fullscreenElement');
    await grace.page.evaluate(() => document.exitFullscreen());
    const button = grace.page.getByRole('button', { name: 'Picture in picture', exact: true });
    if (await grace.page.evaluate(() => !document.pictureInPictureEnabled)) {
      // As in browsers without it, and in Chromium without windows.
      expect(await button.isVisible()).toBe(false);
      return;
    }
    await button.click();
    await isScreen('pictureInPictureElement');
  });
});

describe('people on the demo page', () => {
  it('have a ring around them while they speak', async () => {
    const ada = await join('Ada');
    const grace = await join('Grace');
    const borderOf = (name: string) => ada.card(name).evaluate((card) => getComputedStyle(card).borderTopColor);
    await ada.card('Grace').getByText('Speaking').waitFor();
    await press(grace, 'Mute');
    await ada.card('Grace').getByText('Muted').waitFor();
    await ada.card('Ada').getByText('Speaking').waitFor();
    await until(
      'only the ring of the speaker stands out',
      async () => [await borderOf('Ada'), await borderOf('Grace')],
      ([speaking, muted]) => speaking !== muted,
    );
  });

  it.each([1, 2, 7, 40])('fit beside each other, however many: %i', async (people) => {
    const ada = await join('Ada');
    await ada.page.evaluate((copies) => {
      const list = document.querySelector('#people')!;
      for (let copy = 0; copy < copies; copy++) list.append(list.firstElementChild!.cloneNode(true));
    }, people - 1);
    for (const width of [360, 800, 1280, 2560]) {
      await ada.page.setViewportSize({ width, height: 800 });
      const { columns, overlaps, overflow } = await layoutOf(ada.page);
      expect({ width, overlaps, overflow }).toEqual({ width, overlaps: 0, overflow: 0 });
      if (people === 40) expect(columns).toBe({ 360: 1, 800: 2, 1280: 4, 2560: 8 }[width]);
    }
  });

  it('choose among their cameras, and others continue to see them', async () => {
    await context.addInitScript(addCameras, ['Front', 'Rear']);
    const ada = await join('Ada');
    const grace = await join('Grace');
    await press(ada, 'Start camera');
    await untilSeesVideos(grace.page, { 'Camera of Ada': 'camera' });
    const cameras = ada.page.locator('#camera-device');
    expect(await cameras.locator('option').allTextContents()).toEqual(['Front', 'Rear']);
    await cameras.selectOption('Rear');
    await ada.page.waitForFunction(() => (window as unknown as { opened: string[] }).opened.at(-1) === 'Rear');
    await untilSeesVideos(grace.page, { 'Camera of Ada': 'camera' });
  });
});

/** Gives a page cameras by these names, which show what its only one did, and takes down which of them it opens. */
function addCameras(names: readonly string[]): void {
  const { mediaDevices } = navigator;
  const opened: string[] = [];
  Object.assign(window, { opened });
  const openAny = mediaDevices.getUserMedia.bind(mediaDevices);
  const list = mediaDevices.enumerateDevices.bind(mediaDevices);
  mediaDevices.enumerateDevices = async () => {
    const others = (await list()).filter(({ kind }) => kind !== 'videoinput');
    const cameras = names.map((label) => ({ kind: 'videoinput', deviceId: label, label }) as MediaDeviceInfo);
    return [...others, ...cameras];
  };
  mediaDevices.getUserMedia = async (constraints = {}) => {
    const { video, ...others } = constraints;
    if (typeof video !== 'object') return openAny(constraints);
    const { deviceId, ...size } = video;
    opened.push(String((deviceId as { exact?: string } | undefined)?.exact ?? ''));
    return openAny({ ...others, video: size });
  };
}

/** Layout of the cards of people. */
const layoutOf = (page: Page) =>
  page.evaluate(() => {
    const boxes = [...document.querySelectorAll('.person')].map((card) => card.getBoundingClientRect());
    const overlap = (a: DOMRect, b: DOMRect) =>
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    return {
      columns: new Set(boxes.map(({ left }) => Math.round(left))).size,
      overlaps: boxes.flatMap((box, index) => boxes.slice(index + 1).filter((other) => overlap(box, other))).length,
      overflow: Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth),
    };
  });
