import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  encodeDataChannelMessage,
  type MediaMap,
  ProtocolError,
  type SessionDescription,
} from '@rtcd/protocol';
import { RtcError } from '../errors.ts';
import type { DropReason } from '../inspect/drops.ts';
import type { Logger } from '../ports.ts';
import type { DataChannel } from '../sctp/data-channels.ts';

/** The contract's label of the one channel that carries our messages. */
const LABEL = 'calls-dc';

export interface DataChannelSessionPort {
  /** A message is not looked at. */
  onDrop(reason: DropReason): void;
  /** Whether to look at another message. If not, it is dropped. */
  admit(): boolean;
  /** A message of this size was read, whatever it says; the text of descriptions comes on top. */
  onRead(sizeBytes: number): void;
  /** `onAcknowledged` is called once the peer's SCTP has all of it. */
  send(channel: DataChannel, data: Uint8Array | string, onAcknowledged?: (nowMs: number) => void): void;
  onOpen(): void;
  onDescription(description: SessionDescription): void;
  takeLock(): boolean;
  releaseLock(): void;
  /** As the peer measured: a ratio, and seconds. */
  onLossRate(ratio: number): void;
  onRoundTripTime(seconds: number): void;
  onJitter(seconds: number): void;
  /** The peer sent something unreadable, or asked for what cannot be done. */
  onFault(error: Error): void;
}

/** The messages of the contract's section 4 on the peer's data channel. */
export class DataChannelSession {
  readonly #port: DataChannelSessionPort;
  readonly #logger: Logger;
  #channel: DataChannel | undefined;

  constructor(port: DataChannelSessionPort, logger: Logger) {
    this.#port = port;
    this.#logger = logger;
  }

  get isOpen(): boolean {
    return this.#channel !== undefined;
  }

  open(channel: DataChannel): void {
    if (this.#channel || channel.label !== LABEL) {
      this.#logger.debug({ label: channel.label.slice(0, 64) }, 'data channel ignored: unknown label');
      return;
    }
    this.#channel = channel;
    this.#port.onOpen();
  }

  /** The association of the channel ended. Another one may be opened. */
  reset(): void {
    this.#channel = undefined;
  }

  receive(channel: DataChannel, data: Uint8Array | string): void {
    if (channel !== this.#channel) return this.#port.onDrop('message_unexpected');
    if (!this.#port.admit()) return this.#port.onDrop('message_over_limit');
    this.#port.onRead(data.length);
    if (typeof data === 'string') {
      if (data === 'ping') this.#port.send(channel, 'pong');
      return;
    }
    try {
      this.#dispatch(decodeDataChannelMessage(data));
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof RtcError)) throw error;
      this.#port.onFault(error);
    }
  }

  sendDescription(description: SessionDescription): void {
    this.#send({ type: 'sdp', description });
  }

  sendMediaMap(map: MediaMap, onAcknowledged?: (nowMs: number) => void): void {
    this.#send({ type: 'mediaMap', map }, onAcknowledged);
  }

  #dispatch(message: DataChannelMessage): void {
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong' });
      case 'sdp':
        return this.#port.onDescription(message.description);
      case 'lossRate':
        return this.#port.onLossRate(message.value);
      case 'roundTripTime':
        return this.#port.onRoundTripTime(message.value);
      case 'jitter':
        return this.#port.onJitter(message.value);
      case 'lock':
        return this.#send({ type: 'lock', granted: this.#port.takeLock() });
      case 'unlock':
        return this.#port.releaseLock();
      case 'pong':
      case 'mediaMap':
        return; // ours to send, not theirs
      default:
        return message satisfies never;
    }
  }

  #send(message: DataChannelMessage, onAcknowledged?: (nowMs: number) => void): void {
    if (this.#channel) this.#port.send(this.#channel, encodeDataChannelMessage(message), onAcknowledged);
  }
}
