import type { SessionDescription } from '@rtcd/protocol';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTurnCredentials } from '../../packages/rtc/src/turn/credentials.ts';
import { type Coturn, hasCoturn, startCoturn } from '../../packages/rtc/test/coturn.ts';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears } from '../src/hearing.ts';
import { Participant } from '../src/participant.ts';
import { type RunningDemo, runDemo } from '../src/running-demo.ts';

const RELAY_CANDIDATE = / typ relay /;

describe.skipIf(!hasCoturn())('on the demo page', () => {
  let browser: Browser;
  let coturn: Coturn;
  let demo: RunningDemo;
  let contexts: BrowserContext[];
  let room: string;

  beforeAll(async () => {
    coturn = await startCoturn();
    [browser, demo] = await Promise.all([
      launchBrowser(),
      runDemo({
        RTCD_RTC_ICESERVERS: JSON.stringify([coturn.url('udp')]),
        RTCD_RTC_TURNCONFIG_STATICAUTHSECRET: coturn.secret,
      }),
    ]);
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.close();
    await coturn?.close();
  });

  beforeEach(async ({ task }) => {
    contexts = await Promise.all([openContext(browser), openContext(browser)]);
    room = task.id;
  });

  afterEach(async ({ task }) => {
    for (const context of contexts) await context.close();
    if (task.result?.state !== 'fail') return;
    console.error(demo.log.slice(-100).join(''));
    console.error(coturn.log.slice(-50).join(''));
  });

  /** Ada with her network as the test has it, and Grace, hear each other. */
  async function call(): Promise<Participant> {
    const ada = await Participant.join(contexts[0]!, demo.url, { name: 'Ada', room });
    const grace = await Participant.join(contexts[1]!, demo.url, { name: 'Grace', room });
    await Promise.all([untilHears(ada.page, [grace.sessionID]), untilHears(grace.page, [ada.sessionID])]);
    await ada.inspect();
    return ada;
  }

  it.each(['udp', 'tcp'] as const)(
    "a person is in the call over the browser's own relay, reached over %s",
    async (transport) => {
      const server = { urls: coturn.url(transport), ...createTurnCredentials({ secret: coturn.secret, user: 'ada' }) };
      await contexts[0]!.addInitScript((iceServer) => {
        window.RTCPeerConnection = class extends RTCPeerConnection {
          constructor(configuration?: RTCConfiguration) {
            super({ ...configuration, iceServers: [iceServer], iceTransportPolicy: 'relay' });
          }
        };
      }, server);
      const ada = await call();
      await ada.fact('Way from rtcd').getByText('host over UDP to relay', { exact: true }).waitFor();
      await ada
        .fact('Way from this browser')
        .getByText(`relay over ${transport.toUpperCase()} to host`, { exact: true })
        .waitFor();
    },
  );

  it("a person who cannot reach rtcd is in the call over rtcd's relay", async () => {
    await contexts[0]!.routeWebSocket(/\/ws$/, (page) => {
      const server = page.connectToServer();
      // The browser reaches the relay from loopback, and does not tell that address.
      page.onMessage((text) => server.send(String(text).replace(/(candidate:\S+ \d+ udp \d+) \S+/, '$1 127.0.0.1')));
      server.onMessage((text) => page.send(onlyRelays(String(text))));
    });
    const ada = await call();
    await ada
      .fact('Way from rtcd')
      .getByText(/^relay over UDP to (host|srflx|prflx)$/)
      .waitFor();
    await ada
      .fact('Way from this browser')
      .getByText(/ to relay$/)
      .waitFor();
    await ada
      .fact('Path')
      .getByText(/ via relay 127\.0\.0\.1:\d+$/)
      .waitFor();
    expect(demo.log.join('')).toMatch(/session connected.*relay/);
  });
});

/** The message without rtcd's own addresses: a firewall is in front of them. */
function onlyRelays(text: string): string {
  const message = JSON.parse(text) as { type: string; data: string };
  if (message.type !== 'signal') return text;
  const signal = JSON.parse(message.data) as SessionDescription | { type: 'candidate' };
  if (signal.type === 'candidate') return text;
  const isKept = (line: string) => !line.startsWith('a=candidate:') || RELAY_CANDIDATE.test(line);
  const sdp = signal.sdp.split('\r\n').filter(isKept).join('\r\n');
  return JSON.stringify({ ...message, data: JSON.stringify({ ...signal, sdp }) });
}
