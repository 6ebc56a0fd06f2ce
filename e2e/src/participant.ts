import type { BrowserContext, Locator, Page } from 'playwright-core';
import { until } from './until.ts';

export interface JoinOptions {
  readonly name: string;
  readonly room: string;
  readonly microphone?: boolean;
}

/** A person on the demo page, with the actions that are possible there. */
export class Participant {
  readonly page: Page;
  readonly name: string;
  /** Known once connected. */
  readonly sessionID: string;

  private constructor(page: Page, name: string, sessionID: string) {
    this.page = page;
    this.name = name;
    this.sessionID = sessionID;
  }

  /** Opens the demo page in a new tab, joins, and waits until the call is connected. */
  static async join(context: BrowserContext, url: string, options: JoinOptions): Promise<Participant> {
    const { name, room, microphone = true } = options;
    const page = await context.newPage();
    await page.goto(url);
    await page.getByLabel('Your name').fill(name);
    await page.getByLabel('Room').fill(room);
    const label = microphone ? 'Join' : 'Join without a microphone';
    await page.getByRole('button', { name: label, exact: true }).click();
    await page.getByRole('status').getByText('Connected', { exact: true }).waitFor();
    const sessionID = await page.locator('[data-self="true"]').getAttribute('data-session');
    return new Participant(page, name, sessionID ?? '');
  }

  /** The card of someone in the call. */
  card(name: string): Locator {
    return this.page.getByRole('listitem').filter({ hasText: name });
  }

  /** Opens the panel "What rtcd knows about your session". */
  async inspect(): Promise<void> {
    await this.page.locator('#inspection').getByText('What rtcd knows').click();
  }

  /** A value in that panel. */
  fact(term: string): Locator {
    const entry = { has: this.page.getByText(term, { exact: true }) };
    return this.page.locator('#inspection div', entry).locator('dd');
  }

  /** Resolves once exactly these people are shown. */
  async untilSees(names: readonly string[]): Promise<void> {
    const wanted = [...names].sort().join();
    await until(
      `${this.name} sees ${wanted}`,
      () => this.page.locator('.person-name').allTextContents(),
      (seen) => seen.sort().join() === wanted,
    );
  }

  async mute(): Promise<void> {
    await this.page.getByRole('button', { name: 'Mute', exact: true }).click();
  }

  async unmute(): Promise<void> {
    await this.page.getByRole('button', { name: 'Unmute', exact: true }).click();
  }

  async leave(): Promise<void> {
    await this.page.getByRole('button', { name: 'Leave', exact: true }).click();
  }

  /** Closes the tab without leaving first. */
  async closeTab(): Promise<void> {
    await this.page.close();
  }
}
