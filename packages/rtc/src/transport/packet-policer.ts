import { TokenBucket, type TokenRate } from '@rtcd/boundary';
import type { DropReason } from '../inspect/drops.ts';
import type { TransportProtocol } from './demux.ts';

interface PacketRates {
  readonly packets: TokenRate;
  readonly bytes: TokenRate;
}

const overOneSecond = (perSecond: number): TokenRate => ({ capacity: perSecond, perSecond });

/**
 * 30 Mbit/s: a screen in 4K at 15 Mbit/s with a second encoding, retransmissions, and probes of twice the rate needs less, in packets of 1,200 bytes. A
 * second's worth at once, as after a gap in a radio network.
 */
const MEDIA: PacketRates = { packets: overOneSecond(3_000), bytes: overOneSecond(3_750_000) };

/**
 * Handshakes and data channels: signaling of some kilobytes at a time. Four messages of the largest size at once; if many peers could send more, media would wait
 * for the decryption of it.
 */
const DTLS: PacketRates = {
  packets: { capacity: 300, perSecond: 250 },
  bytes: { capacity: 375_000, perSecond: 312_500 },
};

/** Connectivity checks, each of which costs an HMAC and a response. A browser with many addresses makes 50 a second, for some seconds. */
const STUN: PacketRates = {
  packets: { capacity: 300, perSecond: 100 },
  bytes: { capacity: 150_000, perSecond: 50_000 },
};

/** Bounds packets and bytes of one kind. */
class PacketBudget {
  readonly #packets: TokenBucket;
  readonly #bytes: TokenBucket;

  constructor({ packets, bytes }: PacketRates, nowMs: number) {
    this.#packets = new TokenBucket(packets, nowMs);
    this.#bytes = new TokenBucket(bytes, nowMs);
  }

  take(sizeBytes: number, nowMs: number): boolean {
    return this.#packets.take(1, nowMs) && this.#bytes.take(sizeBytes, nowMs);
  }
}

/**
 * Polices what one peer sends, by kind and size alone, before a byte of it is decrypted or authenticated. Connectivity checks from other addresses than the
 * one in use have a budget of their own: a flood from elsewhere does not take those that keep the path alive.
 */
export class PacketPolicer {
  readonly #media: PacketBudget;
  readonly #dtls: PacketBudget;
  readonly #stun: PacketBudget;
  readonly #stunFromElsewhere: PacketBudget;

  constructor(nowMs: number) {
    this.#media = new PacketBudget(MEDIA, nowMs);
    this.#dtls = new PacketBudget(DTLS, nowMs);
    this.#stun = new PacketBudget(STUN, nowMs);
    this.#stunFromElsewhere = new PacketBudget(STUN, nowMs);
  }

  /** Returns the reason to drop a datagram, or undefined to take it. */
  refuse(kind: TransportProtocol, isFromElsewhere: boolean, sizeBytes: number, nowMs: number): DropReason | undefined {
    switch (kind) {
      case 'rtp':
      case 'rtcp':
        return this.#media.take(sizeBytes, nowMs) ? undefined : 'media_over_limit';
      case 'dtls':
        return this.#dtls.take(sizeBytes, nowMs) ? undefined : 'dtls_over_limit';
      case 'stun': {
        const budget = isFromElsewhere ? this.#stunFromElsewhere : this.#stun;
        return budget.take(sizeBytes, nowMs) ? undefined : 'stun_over_limit';
      }
      default:
        return kind satisfies never;
    }
  }
}
