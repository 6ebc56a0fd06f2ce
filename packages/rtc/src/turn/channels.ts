import type { TransportAddress } from '../stun/address.ts';
import { CHANNELS_END, FIRST_CHANNEL } from './channel-data.ts';
import { RENEWED_BEFORE_MS } from './permissions.ts';

/** Bindings last for ten minutes; their number is not bound to another peer for five more (RFC 8656 section 12). */
const BINDING_LASTS_MS = 600_000;
const NUMBER_RESTS_MS = 300_000;
/** The permission that comes with a binding expires first: each renewal of a channel renews that as well. */
const BINDING_RENEWED_AFTER_MS = 300_000 - RENEWED_BEFORE_MS;

/** A peer behind the relay, and the number that messages for it have instead of its address. */
export interface Channel extends TransportAddress {
  readonly number: number;
  /** `binding` until the server's answer, during which data goes in Send indications. `refused`: it goes that way forever. */
  state: 'binding' | 'bound' | 'refused';
  /** Time when the binding was asked for last. */
  askedMs: number;
  expiresMs: number;
  /** Something was sent since the binding was asked for. */
  isUsed: boolean;
}

/** Channels of one allocation, by number and by peer. */
export class Channels {
  readonly #byNumber: (Channel | undefined)[] = [];
  /** By address, then by port, so that looking up makes no key. */
  readonly #byAddress = new Map<string, Map<number, Channel>>();

  find({ address, port }: TransportAddress): Channel | undefined {
    return this.#byAddress.get(address)?.get(port);
  }

  /** The peer of data that arrived, as long as the binding may exist. */
  bound(number: number): Channel | undefined {
    return this.#byNumber[number - FIRST_CHANNEL];
  }

  /** Makes a channel for a peer, to be asked for. Undefined if all numbers are taken. */
  add({ address, port }: TransportAddress, nowMs: number): Channel | undefined {
    const number = this.#freeNumber(nowMs);
    if (number === undefined) return undefined;
    const channel: Channel = {
      address,
      port,
      number,
      state: 'binding',
      askedMs: nowMs,
      expiresMs: nowMs + BINDING_LASTS_MS,
      isUsed: false,
    };
    this.#byNumber[number - FIRST_CHANNEL] = channel;
    let ports = this.#byAddress.get(address);
    if (ports === undefined) {
      ports = new Map();
      this.#byAddress.set(address, ports);
    }
    ports.set(port, channel);
    return channel;
  }

  /** The server has bound the channel, or renewed the binding. */
  created(channel: Channel, nowMs: number): void {
    channel.state = 'bound';
    channel.expiresMs = nowMs + BINDING_LASTS_MS;
  }

  /** Forgets what has expired, and returns the channels whose bindings should be asked for again. */
  sweep(nowMs: number): Channel[] {
    const due: Channel[] = [];
    for (const channel of this.#byNumber) {
      if (channel === undefined) continue;
      if (nowMs >= channel.expiresMs) this.#forgetPeer(channel);
      else if (channel.state === 'bound' && channel.isUsed && nowMs >= channel.askedMs + BINDING_RENEWED_AFTER_MS) {
        channel.isUsed = false;
        channel.askedMs = nowMs;
        due.push(channel);
      }
    }
    return due;
  }

  #freeNumber(nowMs: number): number | undefined {
    const count = CHANNELS_END - FIRST_CHANNEL;
    if (this.#byNumber.length < count) return FIRST_CHANNEL + this.#byNumber.push(undefined) - 1;
    const index = this.#byNumber.findIndex((channel) => channel && nowMs >= channel.expiresMs + NUMBER_RESTS_MS);
    return index < 0 ? undefined : FIRST_CHANNEL + index;
  }

  /** The number stays taken until it has rested. */
  #forgetPeer(channel: Channel): void {
    const ports = this.#byAddress.get(channel.address);
    if (ports?.get(channel.port) !== channel) return;
    ports.delete(channel.port);
    if (ports.size === 0) this.#byAddress.delete(channel.address);
  }
}
