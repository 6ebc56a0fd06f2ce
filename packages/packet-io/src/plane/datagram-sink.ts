import type { Path } from '../packet-path.ts';
import type { DatagramSink } from '../packet-plane.ts';
import { MAX_PACKET_BYTES } from '../srtp/limits.ts';

/** A reusable datagram with one view per length, made at first use, so that sending makes no garbage. */
export class DatagramBuffer {
  readonly bytes = new Uint8Array(MAX_PACKET_BYTES);
  readonly #views: Uint8Array[] = [];

  /** The first `length` bytes. */
  view(length: number): Uint8Array {
    let view = this.#views[length];
    if (view === undefined) {
      view = this.bytes.subarray(0, length);
      this.#views[length] = view;
    }
    return view;
  }
}

/** A sink for callers that are done with a datagram when the call returns. */
export function callbackSink(transmit: (datagram: Uint8Array, path: Path) => void): DatagramSink {
  const datagram = new DatagramBuffer();
  return {
    buffer: datagram.bytes,
    send: (length, path) => transmit(datagram.view(length), path),
  };
}
