import { Firefox } from '../../../src/firefox/firefox.ts';
import { missingForFirefox } from '../../../src/firefox/firefox-process.ts';
import type { Host } from '../../../src/network/host.ts';
import { bundlePageProgram } from '../page-program.ts';
import { PeerRouter } from '../peer-program.ts';
import type { BrowserStack, StartedStack } from '../stack.ts';

interface ProgramWindow {
  command(line: string): void;
}

export const firefox: BrowserStack = {
  name: 'Firefox',
  about: 'the browser',
  hasVideo: true,
  limits: {},
  notes: ['Remote tracks have IDs of its own; the stream ID is the one in the SDP.'],
  missing: missingForFirefox,
  start: startFirefoxPage,
};

async function startFirefoxPage(host?: Host): Promise<StartedStack> {
  const firefox = await Firefox.launch(host);
  const page = await firefox.openPage();
  const log: string[] = [];
  firefox.onConsole((text) => log.push(`${text}\n`));
  const router = new PeerRouter((line) => {
    page
      .evaluate((text: string) => (window as unknown as ProgramWindow).command(text), line)
      .catch((error: Error) => router.fail(error.message));
  });
  await page.exposeFunction('emitLine', (line) => router.receive(line));
  await page.addScript(await bundlePageProgram());
  const program = { addPeer: router.addPeer.bind(router), log, close: () => firefox.close() };
  return { program, version: firefox.version };
}
