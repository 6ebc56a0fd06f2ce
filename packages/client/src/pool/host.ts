import type { RtcMessage } from '@rtcd/protocol';
import { RtcdClient } from '../client.ts';
import type { RtcdClientConfig } from '../config.ts';
import type { RtcdClientError } from '../errors.ts';

/** What a host tells the pool. */
export interface PoolHostPort {
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
  readonly #port: PoolHostPort;

  constructor(address: string, config: RtcdClientConfig, port: PoolHostPort) {
    this.address = address;
    this.#port = port;
    this.client = new RtcdClient(config);
    this.client
      .on('connected', () => port.onConnected())
      .on('disconnected', () => port.onDisconnected())
      .on('rtc', (message) => port.onRtc(message))
      .on('vad', (message) => port.onVad(message))
      .on('sessionClosed', (sessionID) => port.onSessionClosed(sessionID))
      .on('error', (error) => port.onError(error))
      .on('closed', (reason) => reason !== undefined && port.onGone());
  }

  get canTakeCalls(): boolean {
    return !this.flagged && this.client.phase === 'connected';
  }

  /** Connects unless that is done or under way. Resolves with what went wrong, which the port hears, too. */
  async connect(): Promise<RtcdClientError | undefined> {
    if (this.client.phase !== 'idle') return undefined;
    try {
      await this.client.connect();
      return undefined;
    } catch (cause) {
      const error = cause as RtcdClientError;
      if (error.code !== 'closed') this.#port.onError(error);
      return error;
    }
  }
}
