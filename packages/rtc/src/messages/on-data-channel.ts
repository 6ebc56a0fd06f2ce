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
import { DEFAULT_MAX_MESSAGE_BYTES } from '../sctp/options.ts';
import type { MessageAdmission } from './admission.ts';

/** The contract's label of the one channel that carries our messages. */
const LABEL = 'calls-dc';

/** Messages of one peer that wait behind a description of it. A genuine one sends a few in a second, and its descriptions wait for milliseconds. */
const MAX_WAITING = 32;
/** Bytes of them: two messages of the largest size. */
const MAX_WAITING_BYTES = 2 * DEFAULT_MAX_MESSAGE_BYTES;

/** Messages that only we send. Those of a peer are not decoded: a media map costs more than all else that a peer may send. */
const OURS: ReadonlySet<DataChannelMessage['type']> = new Set(['pong', 'mediaMap']);

interface WaitingMessage {
  readonly type: DataChannelMessage['type'];
  readonly data: Uint8Array;
}

export interface CallsChannelOptions {
  readonly journal: SessionJournal;
  readonly admission: MessageAdmission;
  readonly drops: DropCounts;
}

export interface CallsChannelOwner {
  /** `onAcknowledged` is called once the peer's SCTP has all of it. */
  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: (nowMs: number) => void): void;
  onOpen(nowMs: number): void;
  /** Calls back when a description may be read: at once, or in a later turn of the event loop. */
  waitForTurn(work: (nowMs: number) => void): void;
  onDescription(description: SessionDescription, nowMs: number): void;
  takeLock(nowMs: number): boolean;
  releaseLock(nowMs: number): void;
}

/** The messages of the contract's section 4 on the peer's data channel. */
export class CallsChannel {
  readonly #owner: CallsChannelOwner;
  readonly #options: CallsChannelOptions;
  #channel: DataChannel | undefined;
  /** A description that waits for its turn, and what came behind it. */
  #waiting: WaitingMessage[] = [];
  #waitingBytes = 0;

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
    this.#waiting = [];
    this.#waitingBytes = 0;
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
    this.#tryTo(nowMs, () => {
      const type = dataChannelMessageType(data);
      if (OURS.has(type)) this.#drop('message_unexpected');
      else if (type === 'sdp' || this.#waiting.length > 0) this.#wait({ type, data });
      else this.#read(data, nowMs);
    });
  }

  sendDescription(description: SessionDescription, nowMs: number): void {
    this.#send({ type: 'sdp', description }, nowMs);
  }

  sendMediaMap(map: MediaMap, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    this.#send({ type: 'mediaMap', map }, nowMs, onAcknowledged);
  }

  #wait({ type, data }: WaitingMessage): void {
    const waitingBytes = this.#waitingBytes + data.length;
    if (this.#waiting.length >= MAX_WAITING || waitingBytes > MAX_WAITING_BYTES)
      return this.#drop('message_over_limit');
    this.#waiting.push({ type, data: data.slice() });
    this.#waitingBytes = waitingBytes;
    if (this.#waiting.length === 1) this.#waitForTurn();
  }

  #waitForTurn(): void {
    this.#owner.waitForTurn((nowMs) => this.#readWaiting(nowMs));
  }

  /** Reads a description, and what came behind it up to the next one. */
  #readWaiting(nowMs: number): void {
    do {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#waitingBytes -= next.data.length;
      // Those before it may have cost all that the peer had.
      if (this.#options.admission.admit(nowMs)) this.#tryTo(nowMs, () => this.#read(next.data, nowMs));
      else this.#drop('message_over_limit');
    } while (this.#waiting[0]?.type !== 'sdp');
    this.#waitForTurn();
  }

  #read(data: Uint8Array, nowMs: number): void {
    const onInflated = (sizeBytes: number) => this.#options.admission.chargeDescription(sizeBytes);
    this.#dispatch(decodeDataChannelMessage(data, { onInflated }), nowMs);
  }

  #tryTo(nowMs: number, read: () => void): void {
    try {
      read();
    } catch (error) {
      if (!(error instanceof ProtocolError || error instanceof RtcError)) throw error;
      this.#refuse(error.message, nowMs);
    }
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
