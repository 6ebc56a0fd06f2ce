import { eachPacket, RECEIVED_WORDS } from '@rtcd/packet-io';
import type { OpenParticipantIo, SimulatedCall } from '../src/testing/index.ts';

/** Headers of IP and UDP. */
const OVERHEAD_BYTES = 28;
/** Time that a packet waits at most: one that would wait longer is dropped. */
const QUEUE_MS = 300;

/** A bottleneck in front of one participant, in virtual time: what arrives waits for its turn in a queue that overflows. */
export class NarrowLink {
  capacityBps: number;
  /** Packets that the queue had no room for. */
  dropped = 0;
  readonly openIo: OpenParticipantIo;
  readonly #call: SimulatedCall;
  #busyUntilMs = 0;

  constructor(call: SimulatedCall, capacityBps: number) {
    this.#call = call;
    this.capacityBps = capacityBps;
    const open = call.newAddress();
    this.openIo = ({ onPackets }) => {
      const deliver = (packet: Uint8Array, path: number) => {
        const descriptor = new Uint32Array(RECEIVED_WORDS);
        descriptor.set([path, 0, packet.length]);
        onPackets(packet, descriptor, 1);
      };
      return open({ onPackets: eachPacket((packet, path) => this.#carry(packet, (copy) => deliver(copy, path))) });
    };
  }

  #carry(packet: Uint8Array, deliver: (copy: Uint8Array) => void): void {
    const { time } = this.#call;
    const startMs = Math.max(time.nowMs, this.#busyUntilMs);
    if (startMs - time.nowMs > QUEUE_MS) {
      this.dropped++;
      return;
    }
    this.#busyUntilMs = startMs + ((packet.length + OVERHEAD_BYTES) * 8_000) / this.capacityBps;
    const copy = Buffer.from(packet);
    time.schedule(this.#busyUntilMs, () => deliver(copy));
  }
}
