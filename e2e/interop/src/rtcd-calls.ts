import { randomBytes } from 'node:crypto';
import { RtcdClient } from '@rtcd/client';
import type { RtcMessage } from '@rtcd/protocol';
import { type RunningRtcd, runRtcd } from '../../src/running-demo.ts';

/** The client of rtcd that stands in for the Calls plugin. */
export const CLIENT_ID = 'interop';

/** rtcd with a client that stands in for the Calls plugin. */
export class RtcdCalls {
  readonly rtcd: Pick<RunningRtcd, 'url' | 'log' | 'close'>;
  readonly client: RtcdClient;
  readonly #sessions = new Map<string, (message: RtcMessage) => void>();

  private constructor(rtcd: RtcdCalls['rtcd'], client: RtcdClient) {
    this.rtcd = rtcd;
    this.client = client;
    client.on('rtc', (message) => this.#sessions.get(message.sessionID)?.(message));
  }

  static async start(): Promise<RtcdCalls> {
    return RtcdCalls.connect(await runRtcd());
  }

  /** Connects to an rtcd, which is closed with the result. */
  static async connect(rtcd: RtcdCalls['rtcd']): Promise<RtcdCalls> {
    const authKey = randomBytes(32).toString('base64url');
    const client = new RtcdClient({ url: rtcd.url, clientID: CLIENT_ID, authKey, registerOnDemand: true });
    await client.connect();
    return new RtcdCalls(rtcd, client);
  }

  /** Passes messages for this session on, until it leaves. */
  listen(sessionID: string, onMessage: (message: RtcMessage) => void): void {
    this.#sessions.set(sessionID, onMessage);
  }

  /** Tells rtcd that a session leaves, and drops what still comes for it. */
  leave(sessionID: string): void {
    if (this.#sessions.delete(sessionID)) this.client.leave(sessionID);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.rtcd.close();
  }
}
