import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears, untilSilent } from '../src/hearing.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';

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
  context = await openContext(browser);
});

afterEach(async ({ task }) => {
  await context.close();
  if (task.result?.state === 'fail') console.error(demo.log.join(''));
});

/** Joins these people to a new room, one after the other. */
async function meet(...names: string[]): Promise<Participant[]> {
  rooms += 1;
  const people: Participant[] = [];
  for (const name of names) people.push(await Participant.join(context, demo.url, { name, room: `room ${rooms}` }));
  return people;
}

/** Everyone hears everyone else. */
async function untilAllHearEachOther(people: readonly Participant[]): Promise<void> {
  const others = (self: Participant) => people.filter((other) => other !== self).map(({ sessionID }) => sessionID);
  await Promise.all(people.map((person) => untilHears(person.page, others(person))));
}

describe('a call on the demo page', () => {
  it('lets two people hear each other', async () => {
    const people = await meet('Ada', 'Grace');
    await untilAllHearEachOther(people);
    await Promise.all(people.map((person) => person.untilSees(['Ada', 'Grace'])));
  });

  it('lets five people hear each other', async () => {
    const names = ['Ada', 'Grace', 'Barbara', 'Radia', 'Karen'];
    const people = await meet(...names);
    await untilAllHearEachOther(people);
    await Promise.all(people.map((person) => person.untilSees(names)));
  });

  it('brings a late joiner every voice that is already there', async () => {
    const early = await meet('Ada', 'Grace', 'Barbara');
    await untilAllHearEachOther(early);
    const late = await Participant.join(context, demo.url, { name: 'Radia', room: `room ${rooms}` });
    await untilAllHearEachOther([...early, late]);
  });

  it('silences who is muted, and nobody else, until unmuted', async () => {
    const [ada, grace, barbara] = (await meet('Ada', 'Grace', 'Barbara')) as [Participant, Participant, Participant];
    await untilAllHearEachOther([ada, grace, barbara]);

    await ada.mute();
    for (const { page } of [grace, barbara]) await page.locator('[data-muted="true"]', { hasText: 'Ada' }).waitFor();
    await untilSilent(grace.page, ada.sessionID, barbara.sessionID);
    await untilSilent(barbara.page, ada.sessionID, grace.sessionID);

    await ada.unmute();
    await untilAllHearEachOther([ada, grace, barbara]);
    await grace.page.locator('[data-muted="false"]', { hasText: 'Ada' }).waitFor();
  });

  it('forgets who closes the tab or leaves', async () => {
    const [ada, grace, barbara] = (await meet('Ada', 'Grace', 'Barbara')) as [Participant, Participant, Participant];
    await untilAllHearEachOther([ada, grace, barbara]);

    await barbara.closeTab();
    await Promise.all([ada, grace].map((person) => person.untilSees(['Ada', 'Grace'])));
    await untilAllHearEachOther([ada, grace]);

    await grace.leave();
    await grace.page.getByRole('button', { name: 'Join', exact: true }).waitFor();
    await ada.untilSees(['Ada']);
  });

  it('shows live figures, a round trip and who is speaking, for everyone', async () => {
    const [ada] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    for (const name of ['Ada', 'Grace']) {
      const card = ada.card(name);
      await card.getByText(/^[1-9]\d* kbit\/s$/).waitFor();
      await card.getByText(/^\d+\.\d %$/).waitFor();
      await card.getByText(/^\d+(\.\d)? ms$/).waitFor();
      await card.getByText('Speaking').waitFor();
    }
  });

  it('offers to listen when there is no microphone', async () => {
    const [ada] = (await meet('Ada')) as [Participant];
    await context.addInitScript(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
    });
    const page = await context.newPage();
    await page.goto(`${demo.url}?room=room ${rooms}`);
    await page.getByLabel('Your name').fill('Grace');
    await page.getByRole('button', { name: 'Join', exact: true }).click();
    await page.getByRole('alert').getByText('No microphone was found').waitFor();

    await page.getByRole('button', { name: 'Join and just listen' }).click();
    await page.getByRole('status').getByText('Connected', { exact: true }).waitFor();
    await untilHears(page, [ada.sessionID]);
    await ada.card('Grace').getByText('Listening').waitFor();
    expect(await page.getByRole('button', { name: 'Mute' }).count()).toBe(0);
  });

  it('says so when the connection to the server is lost, and joins again', async () => {
    let cut = async () => {};
    await context.routeWebSocket(/\/ws$/, (route) => {
      const server = route.connectToServer();
      cut = async () => {
        await server.close();
        await route.close();
      };
    });
    const [ada] = (await meet('Ada')) as [Participant];
    await cut();
    await ada.page.getByRole('alert').getByText('The connection to the server was lost').waitFor();

    await ada.page.getByRole('button', { name: 'Join again' }).click();
    await ada.page.getByRole('status').getByText('Connected', { exact: true }).waitFor();
    await ada.untilSees(['Ada']);
  });
});
