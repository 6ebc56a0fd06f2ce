import type { PacketIo, Path, PathId } from '@rtcd/packet-io';
import type { Clock, Random } from '../ports.ts';
import { newTransactionId, writeBindingRequest } from '../stun/binding.ts';
import { hasStunHeader, transactionIdOf } from '../stun/message.ts';
import { transactionKey } from '../stun/transaction-key.ts';

/** Times at which a packet is sent, and the time at which waiting for it ends. */
const SEND_AT_MS = [0, 200, 600];
const LIMIT_MS = 1_500;

export interface ArrivalProbeOptions {
  readonly io: Pick<PacketIo, 'openPath' | 'releasePath' | 'transmit'>;
  readonly random: Random;
  readonly clock: Clock;
}

/** Sends packets to addresses that should lead to our own sockets, and sees which ones do. */
export class ArrivalProbe {
  readonly #options: ArrivalProbeOptions;
  readonly #expected = new Map<string, () => void>();

  constructor(options: ArrivalProbeOptions) {
    this.#options = options;
  }

  /** Resolves with whether a packet to this address arrived, after 1.5 s at the latest. */
  async arrives(to: Path): Promise<boolean> {
    const { io, clock, random } = this.#options;
    const transactionId = newTransactionId(random);
    const key = transactionKey(transactionId);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const request = writeBindingRequest(transactionId);
    const path: PathId = io.openPath(to);
    const timers = SEND_AT_MS.map((atMs) => clock.setTimer(() => io.transmit(request, path), atMs));
    timers.push(clock.setTimer(() => resolve(false), LIMIT_MS));
    this.#expected.set(key, () => resolve(true));
    try {
      return await promise;
    } finally {
      for (const timer of timers) clock.clearTimer(timer);
      this.#expected.delete(key);
      io.releasePath(path);
    }
  }

  /** Takes a datagram that came to one of the sockets. */
  receive(datagram: Buffer): void {
    if (hasStunHeader(datagram)) this.#expected.get(transactionKey(transactionIdOf(datagram)))?.();
  }
}
