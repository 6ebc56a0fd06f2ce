import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import type { CallsPage } from './page.ts';

type CallsWindow = { readonly calls: CallsPage };

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** A bare page around the unmodified RTCPeer, as a script. */
async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [here('page.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    alias: { events: here('event-emitter.ts') },
  });
  return outputFiles[0]?.text ?? '';
}

/** Somebody in a call whose media goes through Mattermost's own RTCPeer. */
export class CallsParticipant {
  readonly page: Page;
  readonly sessionID: string;

  private constructor(page: Page, sessionID: string) {
    this.page = page;
    this.sessionID = sessionID;
  }

  /**
   * Opens a page of the demo server's origin, so that its WebSocket lets it in, at a path where there is nothing; joins, and
   * resolves when connected.
   */
  static async join(context: BrowserContext, url: string, room: string, name: string): Promise<CallsParticipant> {
    const page = await context.newPage();
    await page.goto(new URL('/nothing', url).href);
    await page.evaluate(await bundle());
    const sessionID = await page.evaluate(
      ([toRoom, withName]) => (window as unknown as CallsWindow).calls.join(toRoom, withName),
      [room, name] as const,
    );
    return new CallsParticipant(page, sessionID);
  }

  unmute(): Promise<void> {
    return this.page.evaluate(() => (window as unknown as CallsWindow).calls.unmute());
  }

  mute(): Promise<void> {
    return this.page.evaluate(() => (window as unknown as CallsWindow).calls.mute());
  }

  /** Seconds. */
  roundTrip(): Promise<number> {
    return this.page.evaluate(() => (window as unknown as CallsWindow).calls.roundTrip());
  }
}
