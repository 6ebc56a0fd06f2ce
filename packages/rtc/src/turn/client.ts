import type { Random } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import { BINDING } from '../stun/attributes.ts';
import { newTransactionId } from '../stun/binding.ts';
import { writeAttributes } from '../stun/write.ts';
import { TurnError, TurnMethod } from './attributes.ts';
import { CHANNEL_DATA_HEADER_SIZE, ChannelDataWriter, channelDataLength, isChannelData } from './channel-data.ts';
import { type Channel, Channels } from './channels.ts';
import { NO_TURN_STATS, type TurnClientOwner, type TurnFailure, type TurnStats } from './client-owner.ts';
import type { TurnCredentials } from './credentials.ts';
import { parseTurnMessage, type TurnMessage, turnAttributes } from './message.ts';
import { Permissions } from './permissions.ts';
import { Requests } from './requests.ts';
import type { TurnRequest } from './transactions.ts';

/** Largest datagram that is relayed: those of media and DTLS are smaller, and a Send indication with one fits into a message. */
export const MAX_RELAYED_BYTES = 1400;

/** Lifetime of an allocation that the server does not name (RFC 8656 section 3.2). */
const LIFETIME_SECONDS = 600;
const MIN_REFRESH_MS = 5_000;

/** Interval of the look at permissions and channels. A NAT in front of us forgets silent UDP flows after 30 s, so something is sent as often. */
const SWEEP_MS = 15_000;

export interface TurnClientOptions {
  readonly credentials: TurnCredentials;
  /** Bytes to the server arrive, in order: TCP or TLS. Requests are then not repeated, and messages are padded. */
  readonly isReliable: boolean;
  readonly random: Random;
}

/**
 * A client of one TURN server (RFC 8656) over one connection: an allocation, the permissions of peers, and a channel for each peer that is sent to.
 * Does no I/O, and takes the time as an argument.
 */
export class TurnClient {
  readonly #owner: TurnClientOwner;
  readonly #random: Random;
  readonly #requests: Requests;
  readonly #permissions = new Permissions();
  readonly #channels = new Channels();
  readonly #channelData: ChannelDataWriter;
  readonly #stats = { ...NO_TURN_STATS };
  #phase: 'new' | 'allocating' | 'allocated' | 'over' = 'new';
  #refreshMs = Number.POSITIVE_INFINITY;
  #sweepMs = Number.POSITIVE_INFINITY;

  constructor({ credentials, isReliable, random }: TurnClientOptions, owner: TurnClientOwner) {
    this.#owner = owner;
    this.#random = random;
    this.#requests = new Requests({ credentials, isReliable, random }, this.#stats, {
      transmit: (bytes) => owner.transmit(bytes),
      onSuccess: (request, response, now) => this.#succeeded(request, response, now),
      onFailure: (request, failure, now) => this.#failed(request, failure, now),
    });
    this.#channelData = new ChannelDataWriter(MAX_RELAYED_BYTES, isReliable);
  }

  get stats(): TurnStats {
    return this.#stats;
  }

  /** Asks for the allocation. To be called once. */
  allocate(nowMs: number): void {
    this.#phase = 'allocating';
    this.#requests.send({ method: 'allocate', fields: { requestsUdp: true } }, nowMs);
  }

  /** Lets datagrams from an IP address through, from any port of it. It may be called as often as a peer names the address. */
  permit(address: string, nowMs: number): void {
    if (this.#phase !== 'allocated' || !this.#permissions.ask(address, nowMs)) return;
    this.#requestPermission(address, nowMs);
  }

  /** Sends a datagram to a remote, borrowed until return. The first one opens a channel. */
  send(datagram: Uint8Array, to: TransportAddress, nowMs: number): void {
    if (this.#phase !== 'allocated' || datagram.length > MAX_RELAYED_BYTES) {
      this.#stats.notSent++;
      return;
    }
    const channel = this.#channels.find(to) ?? this.#openChannel(to, nowMs);
    if (channel?.state === 'bound') {
      channel.isUsed = true;
      this.#owner.transmit(this.#channelData.write(channel.number, datagram));
    } else {
      this.#permissions.use(to.address);
      const transactionId = newTransactionId(this.#random);
      const fields = { xorPeerAddress: { address: to.address, port: to.port }, data: datagram };
      const header = { messageClass: 'indication', method: TurnMethod.send, transactionId } as const;
      this.#owner.transmit(writeAttributes(header, turnAttributes(fields, transactionId)));
    }
  }

  /** A message from the server: a datagram, or a frame of the stream. Borrowed until return. */
  receive(message: Buffer, nowMs: number): void {
    if (this.#phase === 'over') return;
    if (isChannelData(message)) return this.#receiveChannelData(message);
    const parsed = parseTurnMessage(message);
    if (parsed === undefined) this.#stats.malformed++;
    else if (parsed.messageClass === 'indication') this.#receiveIndication(parsed);
    else if (parsed.messageClass === 'request') this.#stats.unexpected++;
    else this.#requests.receive(parsed, message, nowMs);
  }

  /** Time when `timeout` has something to do; Infinity if never. */
  deadline(): number {
    return Math.min(this.#requests.deadline(), this.#refreshMs, this.#sweepMs);
  }

  timeout(nowMs: number): void {
    this.#requests.timeout(nowMs);
    if (this.#phase !== 'allocated') return;
    if (nowMs >= this.#refreshMs) {
      this.#refreshMs = Number.POSITIVE_INFINITY;
      this.#requests.send({ method: 'refresh', fields: {} }, nowMs);
    }
    if (nowMs >= this.#sweepMs) this.#sweep(nowMs);
  }

  /** Gives the allocation back. The owner is not called any more, but for one last message. */
  close(nowMs: number): void {
    if (this.#phase === 'allocated') this.#requests.send({ method: 'refresh', fields: { lifetimeSeconds: 0 } }, nowMs);
    this.#end();
  }

  #end(): void {
    this.#phase = 'over';
    this.#requests.clear();
    this.#refreshMs = Number.POSITIVE_INFINITY;
    this.#sweepMs = Number.POSITIVE_INFINITY;
  }

  #receiveChannelData(message: Buffer): void {
    const length = channelDataLength(message);
    if (length < 0) {
      this.#stats.malformed++;
      return;
    }
    const channel = this.#channels.bound(message.readUInt16BE(0));
    if (channel === undefined) {
      this.#stats.unexpected++;
      return;
    }
    this.#permissions.use(channel.address);
    const data = message.subarray(CHANNEL_DATA_HEADER_SIZE, CHANNEL_DATA_HEADER_SIZE + length);
    this.#owner.onData(data, channel.address, channel.port);
  }

  /** Nothing signs an indication: only peers that may send to us are believed to have. */
  #receiveIndication({ method, xorPeerAddress, data, unknownRequired }: TurnMessage): void {
    const isData = method === TurnMethod.data && unknownRequired.length === 0;
    if (!isData || !data || !xorPeerAddress || !this.#permissions.use(xorPeerAddress.address)) {
      this.#stats.unexpected++;
      return;
    }
    this.#owner.onData(data as Buffer, xorPeerAddress.address, xorPeerAddress.port);
  }

  #succeeded({ method, fields }: TurnRequest, response: TurnMessage, nowMs: number): void {
    const peer = fields.xorPeerAddress;
    if (method === 'allocate' || method === 'refresh') {
      const lifetimeMs = 1000 * (response.lifetimeSeconds ?? LIFETIME_SECONDS);
      this.#refreshMs = nowMs + Math.max(MIN_REFRESH_MS, (3 / 4) * lifetimeMs);
    }
    if (method === 'allocate' && response.xorRelayedAddress) {
      this.#phase = 'allocated';
      this.#sweepMs = nowMs + SWEEP_MS;
      const { xorRelayedAddress: relayed, xorMappedAddress: mapped } = response;
      this.#owner.onAllocated({ relayed, ...(mapped && { mapped }) }, nowMs);
    }
    if (peer && method === 'createPermission') this.#permissions.created(peer.address, nowMs);
    const channel = peer && method === 'channelBind' ? this.#channels.find(peer) : undefined;
    if (channel) {
      this.#channels.created(channel, nowMs);
      this.#permissions.created(channel.address, nowMs);
    }
  }

  #failed({ method, fields }: TurnRequest, failure: TurnFailure, nowMs: number): void {
    const peer = fields.xorPeerAddress;
    const isLost = failure.code === TurnError.allocationMismatch;
    if (isLost || method === 'allocate' || method === 'refresh') {
      if (this.#phase === 'over') return;
      this.#end();
      this.#owner.onFailed(failure, nowMs);
    } else if (peer && method === 'createPermission') {
      this.#permissions.refused(peer.address);
    } else if (peer) {
      const channel = this.#channels.find(peer);
      if (channel) channel.state = 'refused';
    }
  }

  #sweep(nowMs: number): void {
    this.#sweepMs = nowMs + SWEEP_MS;
    const transactionId = newTransactionId(this.#random);
    this.#owner.transmit(writeAttributes({ messageClass: 'indication', method: BINDING, transactionId }, []));
    for (const channel of this.#channels.sweep(nowMs)) this.#bind(channel, nowMs);
    for (const address of this.#permissions.sweep(nowMs)) this.#requestPermission(address, nowMs);
  }

  #openChannel(to: TransportAddress, nowMs: number): Channel | undefined {
    const channel = this.#channels.add(to, nowMs);
    if (channel) this.#bind(channel, nowMs);
    return channel;
  }

  #bind({ number, address, port }: Channel, nowMs: number): void {
    const fields = { channelNumber: number, xorPeerAddress: { address, port } };
    this.#requests.send({ method: 'channelBind', fields }, nowMs);
  }

  #requestPermission(address: string, nowMs: number): void {
    this.#requests.send({ method: 'createPermission', fields: { xorPeerAddress: { address, port: 0 } } }, nowMs);
  }
}
