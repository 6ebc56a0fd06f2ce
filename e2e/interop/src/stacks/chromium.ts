import { launchBrowser } from '../../../src/browser.ts';
import type { Host } from '../../../src/network/host.ts';
import { bundlePageProgram } from '../page-program.ts';
import { PeerRouter } from '../peer-program.ts';
import type { BrowserStack, StartedStack } from '../stack.ts';

/** An origin that browsers trust with media; the route answers, so nothing has to listen there. */
const PAGE = 'http://127.0.0.1/interop';

export const chromium: BrowserStack = {
  name: 'Chromium',
  about: 'the browser of the other end-to-end tests, as a page',
  hasVideo: true,
  limits: {},
  notes: [],
  missing: async () => undefined,
  start: startChromium,
};

async function startChromium(host?: Host): Promise<StartedStack> {
  const browser = await launchBrowser(host);
  const page = await browser.newPage();
  const log: string[] = [];
  const router = new PeerRouter((line) => {
    page
      .evaluate((text) => (window as unknown as { command(line: string): void }).command(text), line)
      .catch((error: Error) => router.fail(error.message));
  });
  page.on('console', (message) => log.push(`${message.text()}\n`));
  page.on('pageerror', (error) => log.push(`${error.message}\n`));
  page.on('crash', () => router.fail('the page crashed'));
  await page.route(PAGE, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }));
  await page.goto(PAGE);
  await page.exposeFunction('emitLine', (line: string) => router.receive(line));
  await page.evaluate(await bundlePageProgram());
  const program = { addPeer: router.addPeer.bind(router), log, close: () => browser.close() };
  return { program, version: browser.version() };
}
