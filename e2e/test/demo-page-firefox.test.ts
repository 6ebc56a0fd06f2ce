import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { Firefox } from '../src/firefox/firefox.ts';
import { FirefoxParticipant } from '../src/firefox/firefox-participant.ts';
import { missingForFirefox } from '../src/firefox/firefox-process.ts';
import { untilHears, untilPlays, untilSilent } from '../src/hearing.ts';
import { paintVideo } from '../src/painted-video.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { untilSeesVideos, untilShows } from '../src/seeing.ts';

const missing = await missingForFirefox();
if (missing !== undefined) console.warn(`Skipped the demo page in Firefox, for want of ${missing}`);

describe.skipIf(missing !== undefined)('a call on the demo page between Firefox and Chromium', () => {
  let firefox: Firefox;
  let chromium: Browser;
  let demo: RunningDemo;
  let context: BrowserContext;
  const room = () => ({ room: `room ${rooms}` });
  let rooms = 0;

  beforeAll(async () => {
    [firefox, chromium, demo] = await Promise.all([Firefox.launch(), launchBrowser(), runDemo()]);
  });

  afterAll(async () => {
    await firefox?.close();
    await chromium?.close();
    await demo?.close();
  });

  beforeEach(async () => {
    rooms += 1;
    context = await openContext(chromium);
  });

  afterEach(async ({ task }) => {
    await context.close();
    if (task.result?.state === 'fail') console.error(demo.log.join(''));
  });

  it('lets both hear each other, whichever joins first', async () => {
    const ada = await FirefoxParticipant.join(firefox, demo.url, { name: 'Ada', ...room() });
    const grace = await Participant.join(context, demo.url, { name: 'Grace', ...room() });
    const barbara = await FirefoxParticipant.join(firefox, demo.url, { name: 'Barbara', ...room() });
    const everyone = [ada, grace, barbara];
    for (const self of everyone) {
      const others = everyone.filter((other) => other !== self).map(({ sessionID }) => sessionID);
      await untilHears(self.page, others);
      await untilPlays(self.page, others);
    }
    await Promise.all([ada, barbara].map(({ page }) => page.close()));
  });

  it('announces the successor of a leaver to Firefox once, under its own name', async () => {
    const ada = await FirefoxParticipant.join(firefox, demo.url, { name: 'Ada', ...room() });
    for (const name of ['Grace', 'Barbara', 'Radia']) {
      const guest = await Participant.join(context, demo.url, { name, ...room() });
      await untilHears(ada.page, [guest.sessionID]);
      await untilPlays(ada.page, [guest.sessionID]);
      await guest.closeTab();
      await untilPlays(ada.page, []);
    }
    await ada.page.close();
  });

  it('announces the successor of a leaver in Firefox to Chromium once, under its own name', async () => {
    const ada = await Participant.join(context, demo.url, { name: 'Ada', ...room() });
    for (const name of ['Grace', 'Barbara', 'Radia']) {
      const guest = await FirefoxParticipant.join(firefox, demo.url, { name, ...room() });
      await untilHears(ada.page, [guest.sessionID]);
      await untilPlays(ada.page, [guest.sessionID]);
      await guest.page.close();
      await untilPlays(ada.page, []);
    }
  });

  it('lets both see the camera of the other, and the screen of either', async () => {
    await context.addInitScript(paintVideo);
    const ada = await FirefoxParticipant.join(firefox, demo.url, { name: 'Ada', ...room() });
    const grace = await Participant.join(context, demo.url, { name: 'Grace', ...room() });
    const press = (name: string) => grace.page.getByRole('button', { name, exact: true }).click();
    await ada.press('camera');
    await press('Start camera');
    for (const { page } of [ada, grace]) {
      await untilSeesVideos(page, { 'Camera of Ada': 'camera', 'Camera of Grace': 'camera' });
    }
    await ada.press('screen');
    await untilSeesVideos(grace.page, { 'Screen of Ada': 'screen' });
    await ada.press('screen');
    await untilShows(grace.page, ['Camera of Ada', 'Camera of Grace']);
    await press('Share screen');
    await untilSeesVideos(ada.page, { 'Screen of Grace': 'screen', 'Camera of Grace': 'camera' });
    await ada.page.close();
  });

  it('silences Firefox while it is muted', async () => {
    const ada = await FirefoxParticipant.join(firefox, demo.url, { name: 'Ada', ...room() });
    const grace = await Participant.join(context, demo.url, { name: 'Grace', ...room() });
    const barbara = await Participant.join(context, demo.url, { name: 'Barbara', ...room() });
    await untilHears(grace.page, [ada.sessionID, barbara.sessionID]);
    await ada.mute();
    await untilSilent(grace.page, ada.sessionID, barbara.sessionID);
    await ada.page.close();
  });
});
