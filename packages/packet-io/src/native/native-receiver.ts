import type { SrtpReceiver } from '../packet-plane.ts';
import { type AddonReceiver, ROLLOVER_FACTOR } from './native-addon.ts';

/** The receiving side for one peer's keys, in native code. */
export class NativeSrtpReceiver implements SrtpReceiver {
  rolloverCounter = 0;
  readonly #receiver: AddonReceiver;

  constructor(receiver: AddonReceiver) {
    this.#receiver = receiver;
  }

  unprotectRtp(packet: Uint8Array): number {
    const result = this.#receiver.unprotectRtp(packet);
    if (result < 0) return result;
    const length = result % ROLLOVER_FACTOR;
    this.rolloverCounter = (result - length) / ROLLOVER_FACTOR;
    return length;
  }

  unprotectRtcp(packet: Uint8Array): number {
    return this.#receiver.unprotectRtcp(packet);
  }
}
