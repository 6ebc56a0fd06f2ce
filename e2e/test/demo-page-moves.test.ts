import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DemoServer, startDemoServer } from '@rtcd/demo';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { untilHears } from '../src/hearing.ts';
import { CallNetwork } from '../src/network/call-network.ts';
import { openDoorOut } from '../src/network/door.ts';
import type { Host } from '../src/network/host.ts';
import { missingForNetworks } from '../src/network/prerequisites.ts';
import { Participant } from '../src/participant.ts';
import { until } from '../src/until.ts';

const missing = await missingForNetworks();
if (missing !== undefined) console.warn(`Skipped the demo page between networks, for want of ${missing}`);

const PAGE_PORT = 8046;

describe.skipIf(missing !== undefined)('the demo page', () => {
  let network: CallNetwork;
  let laptop: Host;
  let folder: string;
  let demo: DemoServer;
  const browsers: Browser[] = [];

  beforeAll(async () => {
    network = await CallNetwork.open();
    laptop = await network.host('laptop');
    folder = await mkdtemp(join(tmpdir(), 'rtcd-demo-moves-'));
    const { url: rtcdURL, adminSecret } = network.rtcd;
    demo = await startDemoServer({ rtcdURL, adminSecret, credentialsFile: join(folder, 'demo.json') });
  });

  afterAll(async () => {
    for (const browser of browsers) await browser.close();
    await demo?.close();
    await network?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  /** Joins the demo's call in a browser on a host, where the page is at a loopback port. */
  async function enter(host: Host, name: string): Promise<Participant> {
    const door = await openDoorOut(host, PAGE_PORT, Number(new URL(demo.url).port));
    const browser = await launchBrowser(host);
    browsers.push(browser);
    return Participant.join(await openContext(browser), `http://127.0.0.1:${door.port}/`, { name, room: 'moves' });
  }

  it('keeps its call when its computer changes from wifi to cable', async ({ onTestFailed }) => {
    onTestFailed(() => console.error(network.rtcd.log.slice(-100).join('')));
    const wifi = await network.plugIntoRouter(laptop);
    const [ada, grace] = await Promise.all([enter(laptop, 'Ada'), enter(network.desk, 'Grace')]);
    const untilBothHear = () =>
      Promise.all([untilHears(ada.page, [grace.sessionID]), untilHears(grace.page, [ada.sessionID])]);
    await untilBothHear();
    expect(await network.pathOf(ada.sessionID)).toContain(` ${wifi.publicAddress}:`);
    await ada.inspect();

    const cable = await network.plugIntoRouter(laptop);
    await wifi.plug.down();
    await until(
      'the cable is in use',
      () => network.pathOf(ada.sessionID),
      (path) => path.includes(` ${cable.publicAddress}:`),
    );
    await untilBothHear();
    await ada.fact('Path').getByText(` ${cable.publicAddress}:`).waitFor();
    await ada
      .fact('Way from rtcd')
      .getByText(/^host over UDP to (srflx|prflx)$/)
      .waitFor();
    await ada
      .fact('Way from this browser')
      .getByText(/^(host|srflx|prflx) over UDP to host$/)
      .waitFor();
    expect(await ada.page.getByRole('alert').textContent()).toBe('');
    await grace.untilSees(['Ada', 'Grace']);
  });
});
