import { type Browser, type BrowserContext, type BrowserContextOptions, chromium } from 'playwright-core';
import { installChromium } from './chromium.ts';
import { keepPeers } from './kept-peers.ts';

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

/** Starts the browser. Playwright ends its process with `close`, and when this process ends. */
export async function launchBrowser(): Promise<Browser> {
  const { executablePath, environment } = await installChromium();
  const env = { ...process.env, ...environment };
  return chromium.launch({ executablePath, env, headless: true, chromiumSandbox: false, args: flags });
}

/** A context whose pages keep their peer connections. */
export async function openContext(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const context = await browser.newContext(options);
  await context.addInitScript(keepPeers);
  return context;
}
