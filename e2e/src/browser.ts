import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { installChromium } from './chromium.ts';
import { keepPeers } from './kept-peers.ts';
import type { Host } from './network/host.ts';

const flags = [
  // A microphone that beeps once a second, without a permission prompt.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  '--autoplay-policy=no-user-gesture-required',
  // Several pages in one browser: those behind must not be slowed down.
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
];

/**
 * Starts the browser, on this machine or on a host of a network of namespaces. Playwright ends its process with `close`, and when this
 * process ends.
 */
export async function launchBrowser(host?: Host): Promise<Browser> {
  const install = await installChromium();
  const env = { ...process.env, ...install.environment };
  const executablePath = host ? await scriptOn(host, install.executablePath) : install.executablePath;
  return chromium.launch({ executablePath, env, headless: true, chromiumSandbox: false, args: flags });
}

/** Writes a script that runs a program on a host, which is what Playwright can start. */
async function scriptOn(host: Host, program: string): Promise<string> {
  const path = join(await mkdtemp(join(tmpdir(), 'rtcd-chromium-')), 'chromium');
  await writeFile(path, `#!/bin/sh\nexec ${host.commandLine(program).join(' ')} "$@"\n`, { mode: 0o755 });
  return path;
}

/** A context whose pages keep their peer connections. */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  await context.addInitScript(keepPeers);
  return context;
}
