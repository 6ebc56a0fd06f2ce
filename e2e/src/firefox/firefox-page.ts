import type { BidiConnection } from './bidi-connection.ts';

interface Evaluation {
  readonly result?: { readonly value?: string };
  readonly exceptionDetails?: { readonly text: string };
}

/** A tab. Its methods are those of a Playwright page, as far as the tests need them. */
export class FirefoxPage {
  readonly #bidi: BidiConnection;
  readonly #context: string;

  constructor(bidi: BidiConnection, context: string) {
    this.#bidi = bidi;
    this.#context = context;
  }

  /** Resolves once the page has loaded. */
  async goto(url: string): Promise<void> {
    await this.#bidi.send('browsingContext.navigate', { context: this.#context, url, wait: 'complete' });
  }

  /** Runs a function in each document before its own scripts. */
  async addInitScript(script: () => void): Promise<void> {
    await this.#bidi.send('script.addPreloadScript', { functionDeclaration: `${script}`, contexts: [this.#context] });
  }

  /** Runs a function in the page, as if a user had just clicked, and resolves with a copy of what it returns. */
  async evaluate<R, A = void>(pageFunction: (argument: A) => R | Promise<R>, argument?: A): Promise<R> {
    const json = await this.#call(`async (json) => JSON.stringify(await (${pageFunction})(JSON.parse(json)))`, {
      type: 'string',
      value: JSON.stringify(argument ?? null),
    });
    return (json === undefined ? undefined : JSON.parse(json)) as R;
  }

  /** Runs a classic script in the current document. */
  async addScript(script: string): Promise<void> {
    await this.#call(`(script) => { (0, eval)(script); }`, { type: 'string', value: script });
  }

  /** Adds a global function to the current document that passes its argument on to `listener`. */
  async exposeFunction(name: string, listener: (text: string) => void): Promise<void> {
    const channel = `${this.#context} ${name}`;
    this.#bidi.on('script.message', (message) => {
      if (message.channel === channel) listener(message.data.value);
    });
    await this.#call(`(listener) => { window.${name} = listener; }`, { type: 'channel', value: { channel } });
  }

  async close(): Promise<void> {
    await this.#bidi.send('browsingContext.close', { context: this.#context });
  }

  async #call(functionDeclaration: string, argument: object): Promise<string | undefined> {
    const { result, exceptionDetails } = await this.#bidi.send<Evaluation>('script.callFunction', {
      functionDeclaration,
      arguments: [argument],
      target: { context: this.#context },
      awaitPromise: true,
      userActivation: true,
    });
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result?.value;
  }
}
