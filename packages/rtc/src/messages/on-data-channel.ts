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
import type { DropCounts, DropReason } from '../inspect/drops.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';
import type { DataChannel } from '../sctp/data-channels.ts';
import type { MessageAdmission } from './admission.ts';

/** The contract's label of the one channel that carries our messages. */
const LABEL = 'calls-dc';

/** Messages that only we send. Those of a peer are not decoded: a media map costs more than all else that a peer may send. */
const OURS: ReadonlySet<DataChannelMessage['type']> = new Set(['pong', 'mediaMap']);

export interface CallsChannelOptions {
  readonly journal: SessionJournal;
  readonly admission: MessageAdmission;
  readonly drops: DropCounts;
}

export interface CallsChannelOwner {
  /** `onAcknowledged` is called once the peer's SCTP has all of it. */
  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: (nowMs: number) => void): void;
  onOpen(nowMs: number): void;
  onDescription(description: SessionDescription, nowMs: number): void;
  takeLock(nowMs: number): boolean;
  releaseLock(nowMs: number): void;
}

/** The messages of the contract's section 4 on the peer's data channel. */
export class CallsChannel {
  readonly #owner: CallsChannelOwner;
  readonly #options: CallsChannelOptions;
  #channel: DataChannel | undefined;

  constructor(options: CallsChannelOptions, owner: CallsChannelOwner) {
    this.#options = options;
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#channel !== undefined;
  }

  open(channel: DataChannel, nowMs: number): void {
    if (this.#channel || channel.label !== LABEL) {
      const label = channel.label.slice(0, 64);
      this.#options.journal.logger.debug({ label }, 'data channel ignored: unknown label');
      return;
    }
    this.#channel = channel;
    this.#owner.onOpen(nowMs);
  }

  /** The association of the channel ended. Another one may be opened. */
  reset(): void {
    this.#channel = undefined;
  }

  receive(channel: DataChannel, data: Uint8Array | string, nowMs: number): void {
    const { admission } = this.#options;
    if (channel !== this.#channel) return this.#drop('message_unexpected');
    if (!admission.admit(nowMs)) return this.#drop('message_over_limit');
    admission.chargeMessage(data.length);
    if (typeof data === 'string') {
      if (data === 'ping') this.#owner.send(channel, 'pong', nowMs);
      return;
    }
    try {
      if (OURS.has(dataChannelMessageType(data))) return this.#drop('message_unexpected');
      this.#dispatch(decodeDataChannelMessage(data), nowMs);
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof RtcError)) throw error;
      this.#refuse(error.message, nowMs);
    }
  }

  sendDescription(description: SessionDescription, nowMs: number): void {
    this.#send({ type: 'sdp', description }, nowMs);
  }

  sendMediaMap(map: MediaMap, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    this.#send({ type: 'mediaMap', map }, nowMs, onAcknowledged);
  }

  #dispatch(message: DataChannelMessage, nowMs: number): void {
    const { groupID, metrics } = this.#options.journal;
    switch (message.type) {
      case 'ping':
        return this.#send({ type: 'pong' }, nowMs);
      case 'sdp':
        return this.#owner.onDescription(message.description, nowMs);
      case 'lossRate':
        return metrics.clientLossRate(groupID, message.value);
      case 'roundTripTime':
        return metrics.clientRtt(groupID, message.value);
      case 'jitter':
        return metrics.clientJitter(groupID, message.value);
      case 'lock':
        return this.#send({ type: 'lock', granted: this.#owner.takeLock(nowMs) }, nowMs);
      case 'unlock':
        return this.#owner.releaseLock(nowMs);
      case 'pong':
      case 'mediaMap':
        return; // not decoded
      default:
        return message satisfies never;
    }
  }

  #drop(reason: DropReason): void {
    this.#options.drops[reason]++;
  }

  /** The peer sent something unreadable, or an impossible request: its own mistake, on its own channel. The session continues. */
  #refuse(reason: string, nowMs: number): void {
    this.#options.admission.refuse(reason, nowMs);
    this.#options.journal.logger.warn({ reason }, 'peer message refused');
  }

  #send(message: DataChannelMessage, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    if (this.#channel) this.#owner.send(this.#channel, encodeDataChannelMessage(message), nowMs, onAcknowledged);
  }
}
