import type { Host } from '../network/host.ts';
import { BidiConnection } from './bidi-connection.ts';
import { FirefoxPage } from './firefox-page.ts';
import { type FirefoxProcess, startFirefox } from './firefox-process.ts';

/** A running Firefox, driven by WebDriver BiDi: Playwright drives only builds of its own. */
export class Firefox {
  readonly version: string;
  readonly #process: FirefoxProcess;
  readonly #bidi: BidiConnection;

  private constructor(process: FirefoxProcess, bidi: BidiConnection, version: string) {
    this.#process = process;
    this.#bidi = bidi;
    this.version = version;
  }

  /** Starts Firefox on this machine, or on a host of a network of namespaces. */
  static async launch(host?: Host): Promise<Firefox> {
    const process = await startFirefox(host);
    try {
      const bidi = await BidiConnection.open(process.bidiUrl, process.bidiHost);
      const session = await bidi.send<{ capabilities: { browserVersion: string } }>('session.new', {
        capabilities: {},
      });
      await bidi.send('session.subscribe', { events: ['script.message', 'log.entryAdded'] });
      return new Firefox(process, bidi, session.capabilities.browserVersion);
    } catch (error) {
      await process.stop();
      throw error;
    }
  }

  async openPage(): Promise<FirefoxPage> {
    const { context } = await this.#bidi.send<{ context: string }>('browsingContext.create', { type: 'tab' });
    return new FirefoxPage(this.#bidi, context);
  }

  /** Hears warnings and errors of all pages. */
  onConsole(listener: (text: string) => void): void {
    this.#bidi.on('log.entryAdded', ({ level, text }) => {
      if (level === 'error' || level === 'warn') listener(text ?? '');
    });
  }

  close(): Promise<void> {
    return this.#process.stop();
  }
}
