import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { CallsParticipant } from '../src/calls-peer/participant.ts';
import { untilHears, untilSilent } from '../src/hearing.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { until } from '../src/until.ts';

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

beforeEach(async () => {
  context = await openContext(browser);
});

afterEach(async ({ task }) => {
  await context.close();
  if (task.result?.state === 'fail') console.error(demo.log.join(''));
});

describe('RTCPeer of @mattermost/calls-common', () => {
  it('talks to another RTCPeer and to the demo page, mutes, and unmutes', async () => {
    const room = 'calls';
    const ada = await CallsParticipant.join(context, demo.url, room, 'Ada');
    const grace = await CallsParticipant.join(context, demo.url, room, 'Grace');
    // At once, so that the second one's offer mostly collides with rtcd's offer of the first one's voice.
    await Promise.all([ada.unmute(), grace.unmute()]);
    await Promise.all([untilHears(ada.page, [grace.sessionID]), untilHears(grace.page, [ada.sessionID])]);

    const barbara = await Participant.join(context, demo.url, { name: 'Barbara', room });
    const everyone = [ada, grace, barbara];
    const others = (self: { sessionID: string }) =>
      everyone.filter((other) => other !== self).map(({ sessionID }) => sessionID);
    await Promise.all(everyone.map((person) => untilHears(person.page, others(person))));

    await ada.mute();
    await barbara.card('Ada').getByText('Muted').waitFor();
    await untilSilent(grace.page, ada.sessionID, barbara.sessionID);
    await ada.unmute();
    await untilHears(grace.page, [ada.sessionID]);
  });

  it('measures its round trip over the data channel', async () => {
    const ada = await CallsParticipant.join(context, demo.url, 'round trip', 'Ada');
    await until(
      'a round trip above 0',
      () => ada.roundTrip(),
      (seconds) => seconds > 0,
    );
  });
});
