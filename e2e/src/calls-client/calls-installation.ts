import { randomBytes } from 'node:crypto';
import { RtcdClient } from '@rtcd/client';
import type { Browser, BrowserContext } from 'playwright-core';
import { launchBrowser, openContext } from '../browser.ts';
import { type RunningRtcd, runRtcd } from '../running-demo.ts';
import { CallsClientParticipant, type CallsClientSurroundings } from './calls-client.ts';
import type { ClientOptions } from './page.ts';

/** rtcd, its client in the plugin, and a browser for the participants. */
export class CallsInstallation {
  readonly #browser: Browser;
  readonly #rtcd: RunningRtcd;
  readonly #client: RtcdClient;
  #context: BrowserContext;
  #participants: CallsClientParticipant[] = [];

  private constructor(browser: Browser, context: BrowserContext, rtcd: RunningRtcd, client: RtcdClient) {
    this.#browser = browser;
    this.#context = context;
    this.#rtcd = rtcd;
    this.#client = client;
  }

  static async start(): Promise<CallsInstallation> {
    const [browser, rtcd] = await Promise.all([launchBrowser(), runRtcd()]);
    const authKey = randomBytes(32).toString('base64url');
    const client = new RtcdClient({ url: rtcd.url, clientID: 'calls', authKey, registerOnDemand: true });
    client.setMaxListeners(100);
    await client.connect();
    return new CallsInstallation(browser, await openContext(browser), rtcd, client);
  }

  async join(
    callID: string,
    options: ClientOptions,
    surroundings?: CallsClientSurroundings,
  ): Promise<CallsClientParticipant> {
    const participant = await CallsClientParticipant.join(this.#context, this.#client, callID, options, surroundings);
    this.#participants.push(participant);
    return participant;
  }

  /** The log of rtcd, and the descriptions of all participants: the other half of the story when a test fails. */
  story(): string {
    return [...this.#rtcd.log, ...this.#participants.map(({ exchange }) => exchange.join('\n'))].join('');
  }

  /** Ends the sessions of all participants, and closes their pages. */
  async endCalls(): Promise<void> {
    await this.#leaveAll();
    await this.#context.close();
    this.#context = await openContext(this.#browser);
  }

  async close(): Promise<void> {
    await this.#leaveAll();
    await this.#browser.close();
    await this.#client.close();
    await this.#rtcd.close();
  }

  /** A session that remains would keep rtcd from ending. */
  async #leaveAll(): Promise<void> {
    await Promise.all(this.#participants.map((participant) => participant.leave()));
    this.#participants = [];
  }
}
