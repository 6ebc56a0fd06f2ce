import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { blockUdp, protocolInUse } from '../src/blocked-udp.ts';
import { launchBrowser, openContext } from '../src/browser.ts';
import { Firefox } from '../src/firefox/firefox.ts';
import { FirefoxParticipant } from '../src/firefox/firefox-participant.ts';
import { missingForFirefox } from '../src/firefox/firefox-process.ts';
import { untilHears } from '../src/hearing.ts';
import { paintVideo } from '../src/painted-video.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { untilSeesVideos, type Viewer } from '../src/seeing.ts';
import { until } from '../src/until.ts';

const missing = await missingForFirefox();
if (missing !== undefined) console.warn(`Skipped Firefox over TCP, for want of ${missing}`);

let chromium: Browser;
let demo: RunningDemo;
/** Networks without UDP, and with it. */
let blocked: BrowserContext;
let open: BrowserContext;

beforeAll(async () => {
  [chromium, demo] = await Promise.all([launchBrowser(), runDemo()]);
});

afterAll(async () => {
  await chromium?.close();
  await demo?.close();
});

beforeEach(async () => {
  [blocked, open] = await Promise.all([openContext(chromium), openContext(chromium)]);
  for (const context of [blocked, open]) await context.addInitScript(paintVideo);
  await blocked.addInitScript(blockUdp);
});

afterEach(async ({ task }) => {
  await blocked.close();
  await open.close();
  if (task.result?.state === 'fail') console.error(demo.log.slice(-100).join(''));
});

const untilUses = (page: Viewer, protocol: string) =>
  until(
    `uses ${protocol}`,
    () => page.evaluate(protocolInUse),
    (inUse) => inUse === protocol,
  );

describe('a person whose network blocks UDP', () => {
  it('hears and sees others over TCP, and is heard and seen', async () => {
    const room = 'Chromium over TCP';
    const ada = await Participant.join(blocked, demo.url, { name: 'Ada', room });
    const grace = await Participant.join(open, demo.url, { name: 'Grace', room });
    const barbara = await Participant.join(blocked, demo.url, { name: 'Barbara', room });
    await Promise.all([untilUses(ada.page, 'tcp'), untilUses(grace.page, 'udp'), untilUses(barbara.page, 'tcp')]);
    const everyone = [ada, grace, barbara];
    for (const self of everyone) {
      await untilHears(
        self.page,
        everyone.filter((other) => other !== self).map(({ sessionID }) => sessionID),
      );
    }
    await ada.page.getByRole('button', { name: 'Share screen', exact: true }).click();
    for (const { page } of [grace, barbara]) await untilSeesVideos(page, { 'Screen of Ada': 'screen' });
  });

  it.skipIf(missing !== undefined)('is in the call with Firefox, too', async () => {
    const firefox = await Firefox.launch();
    try {
      const room = 'Firefox over TCP';
      const ada = await FirefoxParticipant.join(firefox, demo.url, { name: 'Ada', room }, [blockUdp]);
      const grace = await Participant.join(open, demo.url, { name: 'Grace', room });
      await untilUses(ada.page, 'tcp');
      await untilHears(ada.page, [grace.sessionID]);
      await untilHears(grace.page, [ada.sessionID]);
    } finally {
      await firefox.close();
    }
  });
});
