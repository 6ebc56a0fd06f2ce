import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
  type MediaMap,
} from '@rtcd/protocol';

/** Messages that arrive on the channel. */
export interface ServiceChannelOwner {
  onRoundTrip(roundTripMs: number): void;
  /** Tracks by m-section, received before the offer with these sections. */
  onMediaMap(map: MediaMap): void;
}

const pingIntervalMs = 2000;
const lockRetryMs = 50;
const lockLimitMs = 5000;

const wait = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * The data channel with rtcd. Measures round trips, with one ping at a time under way, and takes and returns the lock that keeps offers of both
 * sides from meeting.
 */
export class ServiceChannel {
  readonly #channel: RTCDataChannel;
  readonly #owner: ServiceChannelOwner;
  readonly #pingTimer: ReturnType<typeof setInterval>;
  #pingedAt: number | undefined;
  #onLock: ((granted: boolean) => void) | undefined;

  constructor(channel: RTCDataChannel, owner: ServiceChannelOwner) {
    this.#channel = channel;
    this.#owner = owner;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.#ping();
    channel.onmessage = ({ data }) => this.#receive(data);
    this.#pingTimer = setInterval(() => this.#ping(), pingIntervalMs);
  }

  /** Takes the lock before an offer. It is asked for again until rtcd grants it; rejects after 5 s. */
  async lock(): Promise<void> {
    const deadline = performance.now() + lockLimitMs;
    while (this.#channel.readyState !== 'open' || !(await this.#askForLock())) {
      if (performance.now() > deadline) throw new Error('rtcd did not grant the signaling lock');
      await wait(lockRetryMs);
    }
  }

  /** Returns the lock, after the answer. */
  unlock(): void {
    this.#send({ type: 'unlock' });
  }

  close(): void {
    clearInterval(this.#pingTimer);
    this.#channel.close();
  }

  #ping(): void {
    if (this.#channel.readyState !== 'open' || this.#pingedAt !== undefined) return;
    this.#pingedAt = performance.now();
    this.#send({ type: 'ping' });
  }

  #askForLock(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onLock = resolve;
      this.#send({ type: 'lock' });
    });
  }

  #send(message: DataChannelMessage): void {
    if (this.#channel.readyState === 'open') this.#channel.send(Uint8Array.from(encodeDataChannelMessage(message)));
  }

  #receive(data: unknown): void {
    const message = decode(data);
    if (message?.type === 'mediaMap') this.#owner.onMediaMap(message.map);
    if (message?.type === 'lock') this.#onLock?.(message.granted ?? false);
    if (message?.type !== 'pong' || this.#pingedAt === undefined) return;
    this.#owner.onRoundTrip(performance.now() - this.#pingedAt);
    this.#pingedAt = undefined;
  }
}

function decode(data: unknown): DataChannelMessage | undefined {
  if (!(data instanceof ArrayBuffer)) return undefined;
  try {
    return decodeDataChannelMessage(new Uint8Array(data));
  } catch (error) {
    console.warn('message of rtcd not understood', error);
    return undefined;
  }
}
