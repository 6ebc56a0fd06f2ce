import type { RtcMessage } from '@rtcd/protocol';
import { RtcdClient } from '../client.ts';
import type { RtcdClientConfig } from '../config.ts';
import type { RtcdClientError } from '../errors.ts';

/** Callbacks of a host to its pool. */
export interface PoolHostOwner {
  onConnected(): void;
  onDisconnected(): void;
  onRtc(message: RtcMessage): void;
  onVad(message: RtcMessage): void;
  onSessionClosed(sessionID: string): void;
  onError(error: RtcdClientError): void;
  /** Its client has given up. */
  onGone(): void;
}

/** One rtcd at one address. */
export class PoolHost {
  readonly address: string;
  readonly client: RtcdClient;
  /** No longer in DNS: keeps its calls, gets no new ones. */
  flagged = false;
  readonly #owner: PoolHostOwner;

  constructor(address: string, config: RtcdClientConfig, owner: PoolHostOwner) {
    this.address = address;
    this.#owner = owner;
    this.client = new RtcdClient(config);
    this.client
      .on('connected', () => owner.onConnected())
      .on('disconnected', () => owner.onDisconnected())
      .on('rtc', (message) => owner.onRtc(message))
      .on('vad', (message) => owner.onVad(message))
      .on('sessionClosed', (sessionID) => owner.onSessionClosed(sessionID))
      .on('error', (error) => owner.onError(error))
      .on('closed', (reason) => reason !== undefined && owner.onGone());
  }

  get canTakeCalls(): boolean {
    return !this.flagged && this.client.phase === 'connected';
  }

  /** Connects unless that is done or under way. Resolves with what went wrong, which the owner hears, too. */
  async connect(): Promise<RtcdClientError | undefined> {
    if (this.client.phase !== 'idle') return undefined;
    try {
      await this.client.connect();
      return undefined;
    } catch (cause) {
      const error = cause as RtcdClientError;
      if (error.code !== 'closed') this.#owner.onError(error);
      return error;
    }
  }
}
