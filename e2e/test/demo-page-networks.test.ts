import type { SessionDescription } from '@rtcd/protocol';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears } from '../src/hearing.ts';
import type { KeptPeers } from '../src/kept-peers.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';
import { TcpPath } from '../src/tcp-path.ts';
import { UdpPath } from '../src/udp-path.ts';
import { until } from '../src/until.ts';

let browser: Browser;
let demo: RunningDemo;
let contexts: BrowserContext[];
/** Ada's network: the way of her page to the demo server, and to rtcd. */
let toServer: TcpPath;
let toRtcd: UdpPath;
let ada: Participant;
let grace: Participant;
let room: string;

beforeAll(async () => {
  [browser, demo] = await Promise.all([launchBrowser(), runDemo()]);
});

afterAll(async () => {
  await browser?.close();
  await demo?.close();
});

beforeEach(async ({ task }) => {
  contexts = await Promise.all([openContext(browser), openContext(browser)]);
  const { port } = new URL(demo.url);
  toServer = await TcpPath.open(Number(port));
  toRtcd = await UdpPath.open();
  await contexts[0]!.routeWebSocket(/\/ws$/, (page) => {
    const server = page.connectToServer();
    server.onMessage((text) => {
      for (const message of redirected(String(text))) page.send(message);
    });
  });
  room = task.id;
  ada = await Participant.join(contexts[0]!, demo.url.replace(port, String(toServer.port)), { name: 'Ada', room });
  grace = await Participant.join(contexts[1]!, demo.url, { name: 'Grace', room });
  await untilBothHear();
});

afterEach(async ({ task }) => {
  for (const context of contexts) await context.close();
  toServer.close();
  toRtcd.close();
  if (task.result?.state === 'fail') console.error(demo.log.slice(-100).join(''));
});

/** The message with rtcd's candidates leading through ada's network. */
function redirected(text: string): string[] {
  const message = JSON.parse(text) as { type: string; data: string };
  if (message.type !== 'signal') return [text];
  const signal = JSON.parse(message.data) as SessionDescription | { type: 'candidate'; candidate: RTCIceCandidateInit };
  const signals =
    signal.type === 'candidate'
      ? toRtcd.redirectCandidate(signal.candidate.candidate ?? '').map((candidate) => ({
          ...signal,
          candidate: { ...signal.candidate, candidate },
        }))
      : [toRtcd.redirect(signal)];
  return signals.map((data) => JSON.stringify({ ...message, data: JSON.stringify(data) }));
}

const untilBothHear = () =>
  Promise.all([untilHears(ada.page, [grace.sessionID]), untilHears(grace.page, [ada.sessionID])]);

const status = () => ada.page.getByRole('status');
const sessions = () =>
  grace.page.locator('[data-session]').evaluateAll((cards) => cards.map((card) => card.getAttribute('data-session')));
const ufrag = () =>
  ada.page.evaluate(() => {
    const sdp = (window as unknown as KeptPeers).peers[0]?.currentLocalDescription?.sdp ?? '';
    return /a=ice-ufrag:(.*)/.exec(sdp)?.[1];
  });

/** Ada is in the call as before, under the same session, and takes part in what happens. */
async function untilWhole(): Promise<void> {
  await status().getByText('Connected', { exact: true }).waitFor();
  await untilBothHear();
  expect((await sessions()).sort()).toEqual([ada.sessionID, grace.sessionID].sort());
  expect(await ada.page.getByRole('alert').textContent()).toBe('');
  await ada.mute();
  await grace.page.locator('[data-muted="true"]', { hasText: 'Ada' }).waitFor();
  await ada.unmute();
  const radia = await Participant.join(contexts[1]!, grace.page.url(), { name: 'Radia', room });
  await ada.untilSees(['Ada', 'Grace', 'Radia']);
  await untilHears(ada.page, [grace.sessionID, radia.sessionID]);
}

it('a person whose network is away for a while, and comes back with another address, keeps the call', async () => {
  toServer.cut();
  toRtcd.isCut = true;
  await status().getByText('Interrupted, trying again…').waitFor();
  toRtcd.rebind();
  toRtcd.isCut = false;
  toServer.restore();
  await untilWhole();
});

it('a person whose network changes, as from wifi to cable, keeps the call, and ICE restarts at once', async () => {
  const before = await ufrag();
  toServer.cut();
  toRtcd.rebind();
  toServer.restore();
  await ada.page.evaluate(() => window.dispatchEvent(new Event('online')));
  await until('ICE restarts', ufrag, (now) => now !== undefined && now !== before);
  await untilWhole();
});
