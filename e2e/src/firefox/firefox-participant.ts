import { keepPeers } from '../kept-peers.ts';
import { paintVideo } from '../painted-video.ts';
import type { JoinOptions } from '../participant.ts';
import { until } from '../until.ts';
import type { Firefox } from './firefox.ts';
import type { FirefoxPage } from './firefox-page.ts';

/** Somebody on the demo page in Firefox. */
export class FirefoxParticipant {
  readonly page: FirefoxPage;
  readonly sessionID: string;

  private constructor(page: FirefoxPage, sessionID: string) {
    this.page = page;
    this.sessionID = sessionID;
  }

  /** Opens the demo page in a new tab, joins with a microphone, and waits until the call is connected. */
  static async join(
    firefox: Firefox,
    url: string,
    { name, room }: JoinOptions,
    initScripts: readonly (() => void)[] = [],
  ): Promise<FirefoxParticipant> {
    const page = await firefox.openPage();
    await page.addInitScript(keepPeers);
    await page.addInitScript(paintVideo);
    for (const script of initScripts) await page.addInitScript(script);
    await page.goto(url);
    await page.evaluate(
      (values: { readonly name: string; readonly room: string }) => {
        for (const [id, value] of Object.entries(values)) {
          (document.getElementById(id) as HTMLInputElement).value = value;
        }
        document.getElementById('join-button')?.click();
      },
      { name, room },
    );
    await until(
      `${name} is connected`,
      () => page.evaluate(() => document.getElementById('state')?.textContent),
      (state) => state === 'Connected',
    );
    const sessionID = await page.evaluate(
      () => document.querySelector<HTMLElement>('[data-self="true"]')?.dataset.session ?? '',
    );
    return new FirefoxParticipant(page, sessionID);
  }

  async press(id: 'camera' | 'screen'): Promise<void> {
    if (id === 'camera') await this.page.evaluate(() => document.getElementById('camera')?.click());
    else await this.page.evaluate(() => document.getElementById('screen')?.click());
  }

  async mute(): Promise<void> {
    await this.page.evaluate(() => document.getElementById('mute')?.click());
  }
}
