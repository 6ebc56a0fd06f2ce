import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears, untilSilent } from '../src/hearing.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
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

  it('silences only the muted person, until unmuted', async () => {
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

  it('removes a person who closes the tab or leaves', async () => {
    const [ada, grace, barbara] = (await meet('Ada', 'Grace', 'Barbara')) as [Participant, Participant, Participant];
    await untilAllHearEachOther([ada, grace, barbara]);

    await barbara.closeTab();
    await Promise.all([ada, grace].map((person) => person.untilSees(['Ada', 'Grace'])));
    await untilAllHearEachOther([ada, grace]);

    await grace.leave();
    await grace.page.getByRole('button', { name: 'Join', exact: true }).waitFor();
    await ada.untilSees(['Ada']);
  });

  it('shows live figures, a round trip, and speaking for everyone', async () => {
    const [ada] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    for (const name of ['Ada', 'Grace']) {
      const card = ada.card(name);
      await card.getByText(/^[1-9]\d* kbit\/s$/).waitFor();
      await card.getByText(/^\d+\.\d %$/).waitFor();
      await card.getByText(/^\d+(\.\d)? ms$/).waitFor();
      await card.getByText('Speaking').waitFor();
    }
  });

  it("shows rtcd's view of the page's own session, once its details are opened", async () => {
    const [ada, grace] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    await untilAllHearEachOther([ada, grace]);
    const details = ada.page.locator('#inspection');
    await details.getByText('What rtcd knows').click();
    const fact = (term: string) => details.locator('div', { has: ada.page.getByText(term, { exact: true }) });
    await fact('Path')
      .getByText(/^udp 127\.0\.0\.1:\d+ via 127\.0\.0\.1:\d+$/)
      .waitFor();
    for (const protocol of ['ICE', 'DTLS']) await fact(protocol).getByText('connected', { exact: true }).waitFor();
    await fact('Drops').waitFor();
    await details.getByRole('row', { name: /^Yours: voice [\d,]+ 0\.0 %/ }).waitFor();
    const voice = details.getByRole('row', { name: new RegExp(`^To you: voice_${grace.sessionID}_`) });
    const packets = async () => Number((await voice.getByRole('cell').first().textContent())?.replaceAll(',', ''));
    const before = await packets();
    await until('the packets of the voice count up', packets, (count) => count > before);
    await details.getByText(/: track published \(voice_/).waitFor();
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

  it('reports that the connection to the server is lost, and joins again', async () => {
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

describe('the page around a call', () => {
  const open = async (path = '') => {
    const page = await context.newPage();
    await page.goto(demo.url + path);
    return page;
  };
  const joinButton = { name: 'Join', exact: true } as const;

  it('writes no error to the console in a call, and does nothing that its Content-Security-Policy forbids', async () => {
    const errors: string[] = [];
    context.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await untilAllHearEachOther(await meet('Ada', 'Grace'));
    expect(errors).toEqual([]);
  });

  it('treats a blank name as a missing one', async () => {
    const page = await open();
    await page.getByLabel('Your name').fill('   ');
    await page.getByRole('button', joinButton).click();
    expect(await page.getByLabel('Your name').evaluate((input: HTMLInputElement) => input.validity.valueMissing)).toBe(
      true,
    );
    await page.getByRole('status').getByText('Not in a call').waitFor();
  });

  it('shows the whole badge beside a long name', async () => {
    const [ada] = (await meet('Ada Lovelace, Countess of Lovelace, of London')) as [Participant];
    const badge = ada.page.getByText('you', { exact: true });
    const visibleRatio = await badge.evaluate(
      (element) =>
        new Promise<number>((resolve) => {
          new IntersectionObserver(([entry]) => resolve(entry?.intersectionRatio ?? 0)).observe(element);
        }),
    );
    expect(visibleRatio).toBe(1);
  });

  it('remembers the name, and offers to rejoin after a reload', async () => {
    const [ada, grace] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    await ada.page.reload();
    expect(await ada.page.getByLabel('Your name').inputValue()).toBe('Grace');
    await ada.page.getByRole('button', { name: 'Rejoin' }).click();
    await ada.untilSees(['Ada', 'Grace']);
    await ada.leave();
    await ada.page.reload();
    await ada.page.getByRole('heading', { name: 'Talk to each other' }).waitFor();
    expect(await ada.page.getByRole('button', { name: 'Rejoin' }).count()).toBe(0);
    await grace.untilSees(['Grace']);
  });

  it('invites others with a link while the user is alone', async () => {
    const [ada] = (await meet('Ada')) as [Participant];
    const link = await ada.page.getByLabel('Send this link to invite others').inputValue();
    const page = await context.newPage();
    await page.goto(link);
    await page.getByLabel('Your name').fill('Grace');
    await page.getByRole('button', joinButton).click();
    await ada.untilSees(['Ada', 'Grace']);
    await ada.page.getByRole('region', { name: 'Invitation' }).waitFor({ state: 'hidden' });
  });

  it('shows "Copied" for a while', async () => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const [ada] = (await meet('Ada')) as [Participant];
    await ada.page.clock.install();
    await ada.page.getByRole('button', { name: 'Copy link' }).click();
    await ada.page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await ada.page.evaluate(() => navigator.clipboard.readText())).toBe(ada.page.url());
    await ada.page.clock.runFor(2000);
    await ada.page.getByRole('button', { name: 'Copy link' }).waitFor();
  });

  it('keeps notices on different subjects apart, and drops those that no longer hold', async () => {
    const socket: { send?: (message: object) => void } = {};
    await context.routeWebSocket(/\/ws$/, (route) => {
      route.connectToServer();
      socket.send = (message) => route.send(JSON.stringify(message));
    });
    const [ada] = (await meet('Ada')) as [Participant];
    const alerts = ada.page.getByRole('alert');
    socket.send?.({ type: 'service', connected: false });
    await alerts.getByText('The server lost rtcd').waitFor();
    socket.send?.({ type: 'signal', data: JSON.stringify({ type: 'offer', sdp: 'nonsense' }) });
    await alerts.getByText('no longer agree').waitFor();
    await alerts.getByText('The server lost rtcd').waitFor();
    await ada.page.getByRole('status').getByText('Connected', { exact: true }).waitFor();

    socket.send?.({ type: 'service', connected: true });
    await alerts.getByText('The server lost rtcd').waitFor({ state: 'detached' });
    await alerts.getByText('no longer agree').waitFor();
    await ada.leave();
    await alerts.getByText('no longer agree').waitFor({ state: 'detached' });
  });
});

describe('the microphone', () => {
  const unplug = (page: Page) =>
    page.evaluate(() => {
      const { peers } = window as unknown as { peers: RTCPeerConnection[] };
      const track = peers.at(-1)?.getSenders()[0]?.track;
      // As in a browser whose device goes away, the track ends by itself.
      track?.stop();
      track?.dispatchEvent(new Event('ended'));
    });

  it('can be changed during a call', async () => {
    const [ada, grace] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    await untilAllHearEachOther([ada, grace]);
    const devices = await ada.page.getByLabel('Microphone').locator('option').allTextContents();
    const [current] = await ada.page.getByLabel('Microphone').locator('option:checked').allTextContents();
    const other = devices.find((label) => label !== current);
    await ada.page.getByLabel('Microphone').selectOption({ label: other ?? '' });
    await until(
      'another microphone is sent',
      () =>
        ada.page.evaluate(() => {
          const { peers } = window as unknown as { peers: RTCPeerConnection[] };
          return peers.at(-1)?.getSenders()[0]?.track?.label ?? '';
        }),
      (label) => label === other,
    );
    await untilAllHearEachOther([ada, grace]);
  });

  it('is replaced by another one when it is unplugged', async () => {
    const [ada, grace] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    await untilAllHearEachOther([ada, grace]);
    await unplug(ada.page);
    await untilAllHearEachOther([ada, grace]);
  });

  it('is requested again when it is unplugged without another one; meanwhile the user is shown as muted', async () => {
    const [ada, grace] = (await meet('Ada', 'Grace')) as [Participant, Participant];
    await untilAllHearEachOther([ada, grace]);
    await ada.page.evaluate(() => {
      const { mediaDevices } = navigator;
      const original = mediaDevices.getUserMedia.bind(mediaDevices);
      mediaDevices.getUserMedia = () => Promise.reject(new DOMException('none', 'NotFoundError'));
      Object.assign(window, { plugIn: () => Object.assign(mediaDevices, { getUserMedia: original }) });
    });
    await unplug(ada.page);
    await ada.page.getByRole('alert').getByText('Your microphone is gone').waitFor();
    await grace.card('Ada').getByText('Muted').waitFor();

    await ada.page.evaluate(() => (window as unknown as { plugIn(): void }).plugIn());
    await ada.page.getByRole('button', { name: 'Try again' }).click();
    await ada.unmute();
    await untilAllHearEachOther([ada, grace]);
  });
});
