import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessibilityFaults } from '../src/accessibility.ts';
import { launchBrowser, openContext } from '../src/browser.ts';
import { paintVideo } from '../src/painted-video.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';

let browser: Browser;
let demo: RunningDemo;
let context: BrowserContext;

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

afterEach(() => context.close());

const focusedID = (page: Page) => page.evaluate(() => document.activeElement?.id);

describe.each(['light', 'dark'] as const)('axe-core on the %s demo page', (colorScheme) => {
  beforeEach(async () => {
    context = await openContext(browser, { colorScheme });
  });

  it('finds no fault in the lobby, also with notices in it', async () => {
    const page = await context.newPage();
    await page.goto(demo.url);
    await page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
    });
    expect(await accessibilityFaults(page)).toEqual([]);
    await page.getByLabel('Your name').fill('Ada');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('alert').getByText('No microphone was found').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });

  it('finds no fault in a call: alone, with others, muted, speaking, listening', async () => {
    const room = `axe ${colorScheme}`;
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room });
    await ada.page.getByRole('heading', { name: 'You are the only one here' }).waitFor();
    await ada.card('Ada').getByText('Speaking').waitFor();
    expect(await accessibilityFaults(ada.page)).toEqual([]);

    await Participant.join(context, demo.url, { name: 'Grace', room, microphone: false });
    await ada.card('Grace').getByText('Listening').waitFor();
    await ada.mute();
    await ada.card('Ada').getByText('Muted').waitFor();
    await ada.page.getByText('What rtcd knows about your session').click();
    await ada.page.getByRole('row', { name: /^Yours: voice/ }).waitFor();
    expect(await accessibilityFaults(ada.page)).toEqual([]);
  });

  it('finds no fault in a call with a camera, a screen, and the quality of both', async () => {
    await context.addInitScript(paintVideo);
    const room = `axe video ${colorScheme}`;
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room });
    const grace = await Participant.join(context, demo.url, { name: 'Grace', room });
    for (const name of ['Start camera', 'Share screen']) await grace.page.getByRole('button', { name }).click();
    for (const name of ['Camera of Grace', 'Screen of Grace']) await ada.page.getByLabel(name).first().waitFor();
    for (const summary of await ada.page.getByText('Quality', { exact: true }).all()) await summary.click();
    for (const panel of await ada.page.locator('.quality').all()) {
      await panel.getByText('VP8').waitFor();
      await panel.getByRole('img', { name: /^Bitrate of the last minute, [1-9]\d* kbit/ }).waitFor();
    }
    expect(await accessibilityFaults(ada.page)).toEqual([]);
  });
});

describe('the demo page for users of keyboards and screen readers', () => {
  beforeEach(async () => {
    context = await openContext(browser);
  });

  it('moves the focus to the call on joining, and back to the form on leaving', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room: 'focus' });
    expect(await focusedID(ada.page)).toBe('room-title');
    await ada.leave();
    await ada.page.getByRole('heading', { name: 'Talk to each other' }).waitFor();
    expect(await focusedID(ada.page)).toBe('join-button');
  });

  it('announces who joins and leaves', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room: 'announcements' });
    const announcements = ada.page.locator('[aria-live="polite"]');
    await announcements.getByText('You joined announcements. 1 person in the call.').waitFor({ state: 'attached' });
    const grace = await Participant.join(context, demo.url, { name: 'Grace', room: 'announcements' });
    await announcements.getByText('Grace joined.').waitFor({ state: 'attached' });
    await grace.leave();
    await announcements.getByText('Grace left.').waitFor({ state: 'attached' });
  });

  it('labels the mute button with its action, and does not mark it as pressed as well', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room: 'labels' });
    await ada.mute();
    const unmute = ada.page.getByRole('button', { name: 'Unmute', exact: true });
    await unmute.waitFor();
    expect(await unmute.getAttribute('aria-pressed')).toBeNull();
  });

  it('keeps its states visible in forced colors', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room: 'forced colors' });
    await ada.page.emulateMedia({ forcedColors: 'active' });
    const paint = (selector: string) =>
      ada.page.locator(selector).evaluate((element) => {
        const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(element);
        return { backgroundColor, borderTopColor, borderTopWidth };
      });
    const meter = await paint('.meter');
    expect(meter.borderTopWidth).toBe('1px');
    expect((await paint('.meter span')).backgroundColor).not.toBe(meter.backgroundColor);
    await ada.mute();
    await ada.card('Ada').getByText('Muted').waitFor();
    const [mute, leave] = [await paint('#mute'), await paint('#leave')];
    expect(mute.borderTopWidth).not.toBe(leave.borderTopWidth);
  });

  it('has no field that iOS zooms into', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', room: 'fields' });
    const sizes = await ada.page
      .locator('input, select')
      .evaluateAll((fields) => fields.map((field) => Number.parseFloat(getComputedStyle(field).fontSize)));
    expect(sizes.length).toBeGreaterThanOrEqual(4);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(16);
  });
});
