import { SctpAssociation } from './association.ts';
import { decodePayload, encodePayload, PayloadProtocol } from './data-channel-payload.ts';
import { type ChannelOpen, encodeAck, encodeOpen, MAX_NAME_BYTES, readDcep } from './dcep.ts';
import { SctpError } from './errors.ts';
import type { SctpAssociationOptions } from './options.ts';
import { SctpCounters, type SctpStats } from './stats.ts';
import type { SctpCloseReason, SctpPhase } from './types.ts';

const DEFAULT_MAX_CHANNELS = 16;

export interface DataChannelsOptions extends SctpAssociationOptions {
  /** Channels that may be open at a time; 16 unless given. A peer's further ones are refused. */
  readonly maxChannels?: number;
  /** Decides the stream ids of channels opened from here: even for the DTLS client, odd for the server (RFC 8832 section 6); server unless given. */
  readonly dtlsRole?: 'client' | 'server';
}

/** One channel, from its opening to `onChannelClosed`. The same object is handed out every time. */
export interface DataChannel {
  /** Stream identifier, in both directions. */
  readonly id: number;
  readonly label: string;
  readonly protocol: string;
  readonly ordered: boolean;
}

/** Owner of data channels. All calls are made from within a call to `DataChannels`. */
export interface DataChannelsOwner {
  /** Sends one packet as one DTLS record. The memory is the owner's to keep. */
  transmit(packet: Uint8Array): void;
  /** The peer has opened a channel, or accepted ours. */
  onChannelOpen(channel: DataChannel, nowMs: number): void;
  /** A message: text as a string, bytes as an array that is borrowed until return. */
  onMessage(channel: DataChannel, data: Uint8Array | string, nowMs: number): void;
  onChannelClosed(channel: DataChannel, nowMs: number): void;
  /**
   * The peer aborted the association. True if it may begin another one under the same channels, as libwebrtc does when its transport changes: they stay
   * open, and what was under way is lost. Otherwise, and without this, `onClosed` follows.
   */
  onAborted?(nowMs: number): boolean;
  /** Comes once, after the end of every channel. */
  onClosed(reason: SctpCloseReason, nowMs: number): void;
}

/** Counters of the association, and the number of open channels. */
export interface DataChannelsStats extends SctpStats {
  readonly channels: number;
}

interface Entry {
  readonly channel: DataChannel;
  state: 'opening' | 'open' | 'closing';
}

/** Data channels over one SCTP association (RFC 8831), opened in-band (RFC 8832), without I/O: see SctpAssociation for times. */
export class DataChannels {
  readonly #options: DataChannelsOptions;
  #association: SctpAssociation;
  readonly #owner: DataChannelsOwner;
  readonly #maxChannels: number;
  readonly #firstId: 0 | 1;
  readonly #entries = new Map<number, Entry>();
  readonly #counters: SctpCounters;

  /** Counts in `counters`, which may continue from channels of before. */
  constructor(options: DataChannelsOptions, owner: DataChannelsOwner, counters = new SctpCounters()) {
    this.#options = options;
    this.#counters = counters;
    this.#owner = owner;
    this.#maxChannels = options.maxChannels ?? DEFAULT_MAX_CHANNELS;
    this.#firstId = options.dtlsRole === 'client' ? 0 : 1;
    this.#association = this.#createAssociation();
  }

  get state(): SctpPhase {
    return this.#association.state;
  }

  get stats(): DataChannelsStats {
    return { ...this.#association.stats, channels: this.#entries.size };
  }

  /** Begins the handshake. The passive side need not: it answers. */
  connect(nowMs: number): void {
    this.#association.connect(nowMs);
  }

  /** Takes a packet from the peer, borrowed until return. Whatever it holds, this does not throw. */
  receive(packet: Uint8Array, nowMs: number): void {
    this.#association.receive(packet, nowMs);
  }

  /** Does what is due. */
  timeout(nowMs: number): void {
    this.#association.timeout(nowMs);
  }

  /** Time when `timeout` is to be called; Infinity if there is nothing to wait for. */
  deadline(): number {
    return this.#association.deadline();
  }

  /** Opens a reliable channel; messages may be sent on it at once, even before the association is up. Throws `SctpError`. */
  open(label: string, nowMs: number, init: Partial<Omit<ChannelOpen, 'label'>> = {}): DataChannel {
    const open = { label, protocol: init.protocol ?? '', ordered: init.ordered ?? true };
    const bytes = encodeOpen(open);
    if (bytes === undefined) {
      throw new SctpError('invalid_option', `label and protocol must be at most ${MAX_NAME_BYTES} bytes each`);
    }
    const channel: DataChannel = { id: this.#freeId(), ...open };
    this.#association.send(channel.id, PayloadProtocol.Dcep, bytes, nowMs);
    this.#entries.set(channel.id, { channel, state: 'opening' });
    return channel;
  }

  /**
   * Queues a message, copying it. `onAcknowledged` is called once the peer's SCTP has all of it; never if the association ends
   * before. Throws `SctpError`.
   */
  send(channel: DataChannel, data: Uint8Array | string, nowMs: number, onAcknowledged?: (nowMs: number) => void): void {
    const entry = this.#entryOf(channel);
    if (entry === undefined || entry.state === 'closing') {
      throw new SctpError('closed', `data channel ${channel.id} is closed`);
    }
    const { ppid, bytes } = encodePayload(data);
    // Nothing may overtake the opening (RFC 8832 section 6).
    const unordered = !channel.ordered && entry.state === 'open';
    this.#association.send(channel.id, ppid, bytes, nowMs, { unordered, ...(onAcknowledged && { onAcknowledged }) });
  }

  /** Closes a channel once what was sent on it has left; `onChannelClosed` comes when the peer has closed it too. Idempotent. */
  closeChannel(channel: DataChannel, nowMs: number): void {
    const entry = this.#entryOf(channel);
    if (entry === undefined || entry.state === 'closing') return;
    entry.state = 'closing';
    if (this.#association.resetStreams([channel.id], nowMs)) return;
    // There is no telling such a peer: at least we are done with it.
    this.#entries.delete(channel.id);
    this.#owner.onChannelClosed(channel, nowMs);
  }

  /** Ends the association once all that was sent has been acknowledged; nothing more may be sent. Idempotent. */
  close(nowMs: number): void {
    this.#association.close(nowMs);
  }

  /** Ends the association at once and informs the peer. Idempotent. */
  abort(nowMs: number): void {
    this.#association.abort(nowMs);
  }

  #createAssociation(): SctpAssociation {
    return new SctpAssociation(
      this.#options,
      {
        transmit: (packet) => this.#owner.transmit(packet),
        onConnected: () => {},
        onMessage: (streamId, ppid, data, nowMs) => this.#onMessage(streamId, ppid, data, nowMs),
        onStreamsReset: (streamIds, nowMs) => this.#onStreamsReset(streamIds, nowMs),
        onClosed: (reason, nowMs) => this.#onClosed(reason, nowMs),
      },
      this.#counters,
    );
  }

  #entryOf(channel: DataChannel): Entry | undefined {
    const entry = this.#entries.get(channel.id);
    return entry?.channel === channel ? entry : undefined;
  }

  #freeId(): number {
    if (this.#entries.size >= this.#maxChannels) {
      throw new SctpError('too_many_channels', `the limit of ${this.#maxChannels} open data channels is reached`);
    }
    let id: number = this.#firstId;
    while (this.#entries.has(id) || this.#association.isResetting(id)) id += 2;
    return id;
  }

  #onMessage(streamId: number, ppid: number, data: Uint8Array, nowMs: number): void {
    const entry = this.#entries.get(streamId);
    if (ppid === PayloadProtocol.Dcep) {
      this.#onDcep(streamId, entry, data, nowMs);
      return;
    }
    const message = decodePayload(ppid, data);
    if (message === undefined || entry === undefined || entry.state === 'closing') {
      this.#counters.messagesDropped += 1;
      return;
    }
    this.#opened(entry, nowMs);
    this.#owner.onMessage(entry.channel, message, nowMs);
  }

  #onDcep(streamId: number, entry: Entry | undefined, data: Uint8Array, nowMs: number): void {
    const message = readDcep(data);
    if (message?.type === 'ack') {
      if (entry !== undefined) this.#opened(entry, nowMs);
      return;
    }
    if (message === undefined || entry !== undefined || !this.#accept(streamId, message, nowMs)) {
      this.#counters.messagesDropped += 1;
      this.#refuse(streamId, entry, nowMs);
    }
  }

  // Not held against the peer: odd and even. Implementations exist that take ids by their ICE role (RFC 8832 section 6).
  #accept(streamId: number, { label, protocol, ordered }: ChannelOpen, nowMs: number): boolean {
    if (this.#entries.size >= this.#maxChannels) return false;
    try {
      this.#association.send(streamId, PayloadProtocol.Dcep, encodeAck(), nowMs);
    } catch (error) {
      if (error instanceof SctpError) return false;
      throw error;
    }
    const entry: Entry = { channel: { id: streamId, label, protocol, ordered }, state: 'opening' };
    this.#entries.set(streamId, entry);
    this.#opened(entry, nowMs);
    return true;
  }

  // Section 6 of RFC 8832: an opening that is not valid, or on a stream in use, closes the channel without an ACK.
  #refuse(streamId: number, entry: Entry | undefined, nowMs: number): void {
    if (entry === undefined) this.#association.resetStreams([streamId], nowMs);
    else this.closeChannel(entry.channel, nowMs);
  }

  #opened(entry: Entry, nowMs: number): void {
    if (entry.state !== 'opening') return;
    entry.state = 'open';
    this.#owner.onChannelOpen(entry.channel, nowMs);
  }

  // RFC 8831 section 6.7: the other direction is reset in answer, unless that was ours to begin with.
  #onStreamsReset(streamIds: readonly number[], nowMs: number): void {
    for (const streamId of streamIds.length > 0 ? streamIds : [...this.#entries.keys()]) {
      const entry = this.#entries.get(streamId);
      if (entry === undefined) continue;
      this.#entries.delete(streamId);
      if (entry.state !== 'closing') this.#association.resetStreams([streamId], nowMs);
      this.#owner.onChannelClosed(entry.channel, nowMs);
    }
  }

  #onClosed(reason: SctpCloseReason, nowMs: number): void {
    if (reason === 'peer_aborted' && this.#owner.onAborted?.(nowMs) === true) {
      this.#association = this.#createAssociation();
      return;
    }
    const channels = [...this.#entries.values()].map(({ channel }) => channel);
    this.#entries.clear();
    for (const channel of channels) this.#owner.onChannelClosed(channel, nowMs);
    this.#owner.onClosed(reason, nowMs);
  }
}
