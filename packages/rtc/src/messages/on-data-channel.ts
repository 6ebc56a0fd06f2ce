import {
  type DataChannelMessage,
  dataChannelMessageType,
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

/** Messages that only we send. Those of a peer are not decoded: a media map costs more than all else that a peer may send. */
const OURS: ReadonlySet<DataChannelMessage['type']> = new Set(['pong', 'mediaMap']);

export interface CallsChannelOwner {
  /** A message is not looked at. */
  onDrop(reason: DropReason): void;
  /** Decides whether to read another message. If not, it is dropped. */
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
export class CallsChannel {
  readonly #owner: CallsChannelOwner;
  readonly #logger: Logger;
  #channel: DataChannel | undefined;

  constructor(owner: CallsChannelOwner, logger: Logger) {
    this.#owner = owner;
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
    this.#owner.onOpen();
  }

  /** The association of the channel ended. Another one may be opened. */
  reset(): void {
    this.#channel = undefined;
  }

  receive(channel: DataChannel, data: Uint8Array | string): void {
    if (channel !== this.#channel) return this.#owner.onDrop('message_unexpected');
    if (!this.#owner.admit()) return this.#owner.onDrop('message_over_limit');
    this.#owner.onRead(data.length);
    if (typeof data === 'string') {
      if (data === 'ping') this.#owner.send(channel, 'pong');
      return;
    }
    try {
      if (OURS.has(dataChannelMessageType(data))) return this.#owner.onDrop('message_unexpected');
      this.#dispatch(decodeDataChannelMessage(data));
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof RtcError)) throw error;
      this.#owner.onFault(error);
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
        return this.#owner.onDescription(message.description);
      case 'lossRate':
        return this.#owner.onLossRate(message.value);
      case 'roundTripTime':
        return this.#owner.onRoundTripTime(message.value);
      case 'jitter':
        return this.#owner.onJitter(message.value);
      case 'lock':
        return this.#send({ type: 'lock', granted: this.#owner.takeLock() });
      case 'unlock':
        return this.#owner.releaseLock();
      case 'pong':
      case 'mediaMap':
        return; // not decoded
      default:
        return message satisfies never;
    }
  }

  #send(message: DataChannelMessage, onAcknowledged?: (nowMs: number) => void): void {
    if (this.#channel) this.#owner.send(this.#channel, encodeDataChannelMessage(message), onAcknowledged);
  }
}
