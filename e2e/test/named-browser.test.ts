import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { launchBrowser } from '../src/browser.ts';
import { installChromium } from '../src/chromium.ts';

it.skipIf(process.platform === 'win32')('starts the browser that RTCD_CHROMIUM names', async () => {
  const { executablePath, environment } = await installChromium();
  const folder = await mkdtemp(join(tmpdir(), 'rtcd-browser-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [named, witness] = [join(folder, 'browser'), join(folder, 'started')];
  const variables = Object.entries(environment).map(([name, value]) => `${name}='${value}'`);
  await writeFile(named, `#!/bin/sh\ntouch ${witness}\nexec env ${variables.join(' ')} '${executablePath}' "$@"\n`, {
    mode: 0o755,
  });
  vi.stubEnv('RTCD_CHROMIUM', named);
  onTestFinished(() => void vi.unstubAllEnvs());

  const browser = await launchBrowser();
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  expect(await page.evaluate(() => typeof RTCPeerConnection)).toBe('function');
  expect(await readFile(witness, 'utf8')).toBe('');
});
