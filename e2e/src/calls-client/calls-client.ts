import { fileURLToPath } from 'node:url';
import { inflateSync } from 'node:zlib';
import type { RtcdClient } from '@rtcd/client';
import { newID, type RtcMessage, RtcMessageType, type SessionDescription } from '@rtcd/protocol';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import { encryptVideo } from '../encrypted-video.ts';
import { type Painting, paintVideo } from '../painted-video.ts';
import type { UdpPath } from '../udp-path.ts';
import { until } from '../until.ts';
import type { ClientOptions, PluginAction } from './page.ts';

/** The clients of Calls that differ in what rtcd gets to see. */
export const callsClients = {
  'the web client that signals over the data channel': {
    dcSignaling: true,
    locks: true,
    connectLimitMs: 15_000,
    waitsForTrack: true,
  },
  'the web client that signals over the WebSocket': {
    dcSignaling: false,
    locks: true,
    connectLimitMs: 15_000,
    waitsForTrack: true,
  },
  'the web client without the lock': {
    dcSignaling: false,
    locks: false,
    connectLimitMs: 15_000,
    waitsForTrack: true,
  },
  'the mobile client': { dcSignaling: true, locks: true, connectLimitMs: 5_000, waitsForTrack: false },
} as const satisfies Record<string, ClientOptions>;

/** Any origin that browsers trust with a microphone; the route answers, so nothing has to listen there. */
const address = 'http://127.0.0.1/calls-client';

/** Largest description that the plugin accepts once it is unpacked. */
const maxDescriptionBytes = 64 * 1024;

/** In the JSON of a description. */
const DEPENDENCY_DESCRIPTOR_LINE = /a=extmap:\d+ \S+#dependency-descriptor-rtp-header-extension\\r\\n/g;

const messageTypes: Readonly<Record<PluginAction, RtcMessageType>> = {
  sdp: RtcMessageType.SDP,
  ice: RtcMessageType.ICE,
  mute: RtcMessageType.Mute,
  unmute: RtcMessageType.Unmute,
  screen_on: RtcMessageType.ScreenOn,
  screen_off: RtcMessageType.ScreenOff,
  video_on: RtcMessageType.VideoOn,
  video_off: RtcMessageType.VideoOff,
};

let bundle: Promise<string> | undefined;

/** The client's page as one script. */
async function bundlePage(): Promise<string> {
  const entryPoints = [fileURLToPath(new URL('page.ts', import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, write: false, format: 'iife' });
  return outputFiles[0]?.text ?? '';
}

/** Surroundings of a participant. */
export interface CallsClientSurroundings {
  readonly painting?: Painting | undefined;
  /** Leads the page's packets to rtcd. Only for clients that signal over the WebSocket. */
  readonly path?: UdpPath | undefined;
  /** The page encrypts its video end to end. */
  readonly isEncrypted?: boolean;
  /** Makes offers of rtcd leave out the dependency descriptor, as if the browser did not take it. */
  readonly withoutDependencies?: boolean;
}

/** A participant whose browser page behaves as a client of Calls does; this side is the plugin between it and rtcd. */
export class CallsClientParticipant {
  readonly page: Page;
  readonly sessionID = newID();
  /** The descriptions that went over the WebSocket: the other half of the story when a test fails. */
  readonly exchange: string[] = [];
  readonly #rtcd: RtcdClient;
  readonly #path: UdpPath | undefined;
  readonly #withoutDependencies: boolean;
  #hasLeft = false;
  readonly #receive = (message: RtcMessage) => this.#fromRtcd(message);

  private constructor(page: Page, rtcd: RtcdClient, { path, withoutDependencies = false }: CallsClientSurroundings) {
    this.page = page;
    this.#rtcd = rtcd;
    this.#path = path;
    this.#withoutDependencies = withoutDependencies;
  }

  /** Joins, and resolves once connected, within the client's own limit. */
  static async join(
    context: BrowserContext,
    rtcd: RtcdClient,
    callID: string,
    options: ClientOptions,
    surroundings: CallsClientSurroundings = {},
  ): Promise<CallsClientParticipant> {
    const page = await context.newPage();
    await page.addInitScript(paintVideo, surroundings.painting);
    if (surroundings.isEncrypted) await page.addInitScript(encryptVideo);
    await page.route(address, (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body>' }));
    await page.goto(address);
    const participant = new CallsClientParticipant(page, rtcd, surroundings);
    await page.exposeFunction('toPlugin', (action: PluginAction, data: string) => participant.#toRtcd(action, data));
    bundle ??= bundlePage();
    await page.evaluate(await bundle);
    rtcd.on('rtc', participant.#receive);
    page.on('close', () => rtcd.off('rtc', participant.#receive));
    rtcd.join({
      callID,
      userID: newID(),
      sessionID: participant.sessionID,
      channelID: newID(),
      av1Support: (options.av1 ?? false) && !options.simulcast,
      dcSignaling: options.dcSignaling,
    });
    await page.evaluate((given) => window.client.start(given), options);
    return participant;
  }

  unmute(): Promise<void> {
    return this.page.evaluate(() => window.client.unmute());
  }

  mute(): Promise<void> {
    return this.page.evaluate(() => window.client.mute());
  }

  switchMicrophone(): Promise<void> {
    return this.page.evaluate(() => window.client.switchMicrophone());
  }

  shareScreen(): Promise<void> {
    return this.page.evaluate(() => window.client.shareScreen());
  }

  stopScreen(): Promise<void> {
    return this.page.evaluate(() => window.client.stopScreen());
  }

  startCamera(): Promise<void> {
    return this.page.evaluate(() => window.client.startCamera());
  }

  stopCamera(): Promise<void> {
    return this.page.evaluate(() => window.client.stopCamera());
  }

  /**
   * Resolves once the page plays each of these sessions exactly once, and never itself. Those who left may have a silent player: the
   * section on which the page's own microphone travels is not rejected with its sender, so the client does not learn of the end.
   */
  async untilPlays(sessionIDs: readonly string[], type = 'voice'): Promise<void> {
    const wanted = [...sessionIDs].sort().join();
    await until(
      `plays ${wanted}, each once`,
      () => this.page.evaluate(() => window.client.players()),
      (sources) => {
        const senders = sendersOf(sources, type).filter((id) => id === this.sessionID || sessionIDs.includes(id));
        return senders.sort().join() === wanted;
      },
    );
  }

  /** Ends the session and closes the page. Does nothing the second time. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#rtcd.leave(this.sessionID);
    await this.page.close();
  }

  /** As the plugin does: only the session, the type and the data are filled in. */
  #toRtcd(action: PluginAction, data: string): void {
    const bytes = action === 'sdp' ? unpack(data) : Buffer.from(data);
    const { sessionID } = this;
    if (action === 'sdp') this.exchange.push(`${sessionID} to rtcd: ${bytes}`);
    this.#rtcd.sendRtc({ groupID: '', userID: '', callID: '', sessionID, type: messageTypes[action], data: bytes });
  }

  async #fromRtcd({ sessionID, type, data }: RtcMessage): Promise<void> {
    if (sessionID !== this.sessionID || (type !== RtcMessageType.SDP && type !== RtcMessageType.ICE)) return;
    if (this.page.isClosed()) return;
    if (type === RtcMessageType.SDP) this.exchange.push(`rtcd to ${sessionID}: ${Buffer.from(data)}`);
    const signal = Buffer.from(data).toString();
    const text = this.#redirect(this.#withoutDependencies ? signal.replaceAll(DEPENDENCY_DESCRIPTOR_LINE, '') : signal);
    if (text === undefined) return;
    await this.page
      .evaluate((signal) => window.client.signal(signal), text)
      .catch((error: unknown) => {
        if (!this.page.isClosed()) throw error;
      });
  }

  /** Makes a signal lead through the path. Returns nothing for a candidate that does not. */
  #redirect(text: string): string | undefined {
    if (this.#path === undefined) return text;
    const signal = JSON.parse(text) as SessionDescription | { type: 'candidate'; candidate: { candidate: string } };
    if (signal.type !== 'candidate') return JSON.stringify(this.#path.redirect(signal));
    const [candidate] = this.#path.redirectCandidate(signal.candidate.candidate);
    if (candidate === undefined) return undefined;
    return JSON.stringify({ ...signal, candidate: { ...signal.candidate, candidate } });
  }
}

const unpack = (data: string) => inflateSync(Buffer.from(data, 'base64'), { maxOutputLength: maxDescriptionBytes });

/** The sessions whose tracks of this type are among the sources that play. */
const sendersOf = (sources: readonly string[], type: string): string[] =>
  sources.flatMap((source) => (source.startsWith(`${type}_`) ? [source.slice(type.length + 1)] : []));
