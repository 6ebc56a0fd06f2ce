import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
  type MediaMap,
} from '@rtcd/protocol';

/** Messages that arrive on the channel. */
export interface ServiceChannelPort {
  onRoundTrip(roundTripMs: number): void;
  /** Which m-section carries whose track, before the offer with these sections. */
  onMediaMap(map: MediaMap): void;
}

const pingIntervalMs = 2000;

/** The data channel with rtcd. Measures round trips, with one ping at a time under way. */
export class ServiceChannel {
  readonly #channel: RTCDataChannel;
  readonly #port: ServiceChannelPort;
  readonly #pingTimer: ReturnType<typeof setInterval>;
  #pingedAt: number | undefined;

  constructor(channel: RTCDataChannel, port: ServiceChannelPort) {
    this.#channel = channel;
    this.#port = port;
    channel.binaryType = 'arraybuffer';
    channel.onopen = () => this.#ping();
    channel.onmessage = ({ data }) => this.#receive(data);
    this.#pingTimer = setInterval(() => this.#ping(), pingIntervalMs);
  }

  close(): void {
    clearInterval(this.#pingTimer);
    this.#channel.close();
  }

  #ping(): void {
    if (this.#channel.readyState !== 'open' || this.#pingedAt !== undefined) return;
    this.#pingedAt = performance.now();
    this.#channel.send(Uint8Array.from(encodeDataChannelMessage({ type: 'ping' })));
  }

  #receive(data: unknown): void {
    const message = decode(data);
    if (message?.type === 'mediaMap') this.#port.onMediaMap(message.map);
    if (message?.type !== 'pong' || this.#pingedAt === undefined) return;
    this.#port.onRoundTrip(performance.now() - this.#pingedAt);
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
