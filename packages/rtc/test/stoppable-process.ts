import type { PacketIo } from '@rtcd/packet-io';
import type { SimulatedNetwork } from '@rtcd/packet-io/testing';
import type { Clock } from '../src/ports.ts';
import type { IoHandlers } from '../src/sfu/engine.ts';
import type { VirtualTime } from '../src/testing/index.ts';

/**
 * A process in virtual time that can be stopped, as by SIGSTOP, and continued. Nothing runs meanwhile, and packets wait in its sockets as far as they
 * fit. Afterwards the timers that came due fire first, as those of Node do, and then the packets are read.
 */
export class StoppableProcess {
  readonly #time: VirtualTime;
  readonly #bufferPackets: number;
  #isStopped = false;
  readonly #timers: (() => void)[] = [];
  readonly #packets: (() => void)[] = [];

  constructor(time: VirtualTime, bufferPackets = Number.POSITIVE_INFINITY) {
    this.#time = time;
    this.#bufferPackets = bufferPackets;
  }

  readonly clock: Clock = {
    nowMs: () => this.#time.nowMs,
    unixMs: () => this.#time.nowMs,
    setTimer: (callback, delayMs) => {
      let isCleared = false;
      const fire = () => isCleared || callback();
      const clear = this.#time.schedule(this.#time.nowMs + delayMs, () => {
        if (this.#isStopped) this.#timers.push(fire);
        else fire();
      });
      return () => {
        isCleared = true;
        clear();
      };
    },
    clearTimer: (clear) => (clear as (() => void) | undefined)?.(),
  };

  /** Opens sockets of this process. */
  openIo(network: SimulatedNetwork, address: { readonly address: string; readonly port: number }) {
    return async ({ onPackets, ...handlers }: IoHandlers): Promise<PacketIo> =>
      network.open({
        ...handlers,
        addresses: [address],
        onPackets: (arena, descriptors, count) => {
          if (!this.#isStopped) return onPackets(arena, descriptors, count);
          const waiting = [Buffer.from(arena), descriptors.slice()] as const;
          if (this.#packets.length < this.#bufferPackets) this.#packets.push(() => onPackets(...waiting, count));
        },
      });
  }

  stop(): void {
    this.#isStopped = true;
  }

  continue(): void {
    this.#isStopped = false;
    for (const fire of this.#timers.splice(0)) fire();
    for (const read of this.#packets.splice(0)) read();
  }
}
