import { randomBytes } from 'node:crypto';
import type { TransportAddress } from '../src/stun/address.ts';
import { BINDING, StunAttribute } from '../src/stun/attributes.ts';
import { verifyIntegrity } from '../src/stun/integrity.ts';
import { readAttributes } from '../src/stun/message.ts';
import { type WrittenAttribute, writeAttributes } from '../src/stun/write.ts';
import { TurnMethod } from '../src/turn/attributes.ts';
import { ChannelDataWriter, channelDataLength, isChannelData } from '../src/turn/channel-data.ts';
import { longTermKey, MD5, SHA_256 } from '../src/turn/long-term-credentials.ts';
import { parseTurnMessage, type TurnFields, type TurnMessage, turnAttributes } from '../src/turn/message.ts';

export const REALM = 'example.org';

export interface FakeTurnServerOptions {
  readonly username: string;
  readonly credential: string;
  /** Offers SHA-256 beside MD5 (RFC 8489 section 9.2). Default false. */
  readonly offersSha256?: boolean;
  /** Requests that a nonce is good for. Default: all. */
  readonly requestsPerNonce?: number;
  readonly lifetimeSeconds?: number;
  /** IP addresses without permission (error 403). */
  readonly forbidden?: readonly string[];
  readonly relayed?: TransportAddress;
  readonly mapped?: TransportAddress;
}

/** Takes messages and data of the server. */
export interface FakeTurnServerOwner {
  toClient(message: Buffer): void;
  toPeer(data: Uint8Array, peer: TransportAddress): void;
  nowMs(): number;
}

/** The server's side of one allocation, in memory: RFC 8656 as far as our client uses it, and strict about that. */
export class FakeTurnServer {
  readonly requests: string[] = [];
  readonly permissions = new Map<string, number>();
  readonly channels = new Map<number, TransportAddress & { readonly untilMs: number }>();
  /** Answers nothing from now on. */
  isSilent = false;
  /** Channels and permissions are asked for, and data counted, by the form that it came in. */
  readonly received = { channelData: 0, indications: 0, keepalives: 0 };
  isAllocated = false;
  readonly #options: FakeTurnServerOptions;
  readonly #port: FakeTurnServerOwner;
  readonly #writer = new ChannelDataWriter(1500, false);
  #nonce = '';
  #nonceUses = 0;
  #untilMs = 0;

  constructor(options: FakeTurnServerOptions, port: FakeTurnServerOwner) {
    this.#options = options;
    this.#port = port;
    this.changeNonce();
  }

  get relayed(): TransportAddress {
    return this.#options.relayed ?? { address: '203.0.113.50', port: 50_000 };
  }

  /** All requests under the nonce before get an error 438. */
  changeNonce(): void {
    this.#nonce = `${this.#options.offersSha256 ? 'obMatJos2gAAA' : ''}${randomBytes(8).toString('hex')}`;
    this.#nonceUses = 0;
  }

  /** The server was restarted. */
  forget(): void {
    this.isAllocated = false;
    this.permissions.clear();
    this.channels.clear();
  }

  fromClient(message: Buffer): void {
    if (this.isSilent) return;
    if (isChannelData(message)) return this.#relayChannelData(message);
    const parsed = parseTurnMessage(message);
    if (parsed === undefined) throw new Error('malformed message from the client');
    if (parsed.messageClass === 'indication') this.#receiveIndication(parsed);
    else this.#answer(parsed, message);
  }

  /** A datagram came to the relayed address. Returns whether it was passed on. */
  fromPeer(data: Uint8Array, peer: TransportAddress): boolean {
    if (!this.isAllocated || (this.permissions.get(peer.address) ?? 0) <= this.#port.nowMs()) return false;
    const bound = [...this.channels].find(([, { address, port }]) => address === peer.address && port === peer.port);
    if (bound) this.#port.toClient(Buffer.from(this.#writer.write(bound[0], data)));
    else {
      const transactionId = randomBytes(12);
      const fields = { xorPeerAddress: peer, data };
      const header = { messageClass: 'indication', method: TurnMethod.data, transactionId } as const;
      this.#port.toClient(writeAttributes(header, turnAttributes(fields, transactionId)));
    }
    return true;
  }

  #relayChannelData(message: Buffer): void {
    const length = channelDataLength(message);
    const peer = this.channels.get(message.readUInt16BE(0));
    if (length < 0 || peer === undefined || peer.untilMs <= this.#port.nowMs()) return;
    this.received.channelData++;
    this.#port.toPeer(message.subarray(4, 4 + length), peer);
  }

  #receiveIndication({ method, xorPeerAddress, data }: TurnMessage): void {
    if (method === BINDING) this.received.keepalives++;
    if (method !== TurnMethod.send || !xorPeerAddress || !data) return;
    this.received.indications++;
    if ((this.permissions.get(xorPeerAddress.address) ?? 0) <= this.#port.nowMs()) return;
    this.#port.toPeer(data, xorPeerAddress);
  }

  #answer(request: TurnMessage, bytes: Buffer): void {
    const name = Object.entries(TurnMethod).find(([, method]) => method === request.method)?.[0] ?? 'unknown';
    const objection = this.#objectionTo(request, bytes) ?? this.#perform(request);
    this.requests.push(typeof objection === 'number' ? `${name} ${objection}` : name);
    if (typeof objection !== 'number') return this.#respond(request, 'success', objection);
    const isUnauthenticated = objection === 401 || objection === 438;
    const challenge = {
      realm: REALM,
      nonce: Buffer.from(this.#nonce),
      ...(this.#options.offersSha256 && { passwordAlgorithms: Buffer.from([0, SHA_256, 0, 0, 0, MD5, 0, 0]) }),
    };
    this.#respond(request, 'error', isUnauthenticated ? challenge : {}, objection);
  }

  #objectionTo(request: TurnMessage, bytes: Buffer): number | undefined {
    if (request.integrityOffset < 0 && request.integritySha256Offset < 0) return 401;
    if (request.nonce?.toString() !== this.#nonce) return 438;
    if (++this.#nonceUses > (this.#options.requestsPerNonce ?? Number.POSITIVE_INFINITY)) {
      this.changeNonce();
      return 438;
    }
    if (usernameOf(bytes) !== this.#options.username) return 401;
    return this.#isSigned(request, bytes) ? undefined : 401;
  }

  #isSigned({ integrityOffset, integritySha256Offset }: TurnMessage, bytes: Buffer): boolean {
    return this.#options.offersSha256
      ? verifyIntegrity(bytes, integritySha256Offset, this.#key, 'sha256')
      : verifyIntegrity(bytes, integrityOffset, this.#key);
  }

  get #key() {
    const { username, credential, offersSha256 } = this.#options;
    return longTermKey(username, REALM, credential, offersSha256 ? SHA_256 : MD5);
  }

  #perform(request: TurnMessage): number | TurnFields {
    const nowMs = this.#port.nowMs();
    const { lifetimeSeconds = 600, forbidden = [], mapped = { address: '192.0.2.1', port: 40_000 } } = this.#options;
    if (request.method === TurnMethod.allocate) {
      if (this.isAllocated) return 437;
      if (!request.requestsUdp) return 400;
      this.isAllocated = true;
      this.#untilMs = nowMs + 1000 * lifetimeSeconds;
      return { xorRelayedAddress: this.relayed, xorMappedAddress: mapped, lifetimeSeconds };
    }
    if (!this.isAllocated || nowMs >= this.#untilMs) return 437;
    const peer = request.xorPeerAddress;
    switch (request.method) {
      case TurnMethod.refresh: {
        const lifetime = request.lifetimeSeconds ?? lifetimeSeconds;
        this.#untilMs = nowMs + 1000 * lifetime;
        if (lifetime === 0) this.forget();
        return { lifetimeSeconds: lifetime };
      }
      case TurnMethod.createPermission:
        if (!peer) return 400;
        if (forbidden.includes(peer.address)) return 403;
        this.permissions.set(peer.address, nowMs + 300_000);
        return {};
      case TurnMethod.channelBind: {
        if (!peer || request.channelNumber === undefined) return 400;
        const known = this.channels.get(request.channelNumber);
        if (known && (known.address !== peer.address || known.port !== peer.port)) return 400;
        if (forbidden.includes(peer.address)) return 403;
        this.channels.set(request.channelNumber, { ...peer, untilMs: nowMs + 600_000 });
        this.permissions.set(peer.address, nowMs + 300_000);
        return {};
      }
      default:
        return 400;
    }
  }

  #respond(request: TurnMessage, messageClass: 'success' | 'error', fields: TurnFields, code?: number): void {
    const { method, transactionId } = request;
    const error: WrittenAttribute[] =
      code === undefined ? [] : [[StunAttribute.errorCode, Buffer.from([0, 0, Math.trunc(code / 100), code % 100])]];
    const signed = code !== 401 && code !== 438;
    this.#port.toClient(
      writeAttributes(
        { messageClass, method, transactionId },
        [...error, ...turnAttributes(fields, transactionId)],
        signed ? this.#key : undefined,
        this.#options.offersSha256 ? 'sha256' : 'sha1',
      ),
    );
  }
}

function usernameOf(message: Buffer): string | undefined {
  let username: string | undefined;
  readAttributes(message, (offset, length) => {
    if (message.readUInt16BE(offset) === StunAttribute.username) {
      username = message.toString('utf8', offset + 4, offset + 4 + length);
    }
    return true;
  });
  return username;
}
