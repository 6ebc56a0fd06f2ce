import { DatagramBuffer } from '../plane/datagram-sink.ts';
import { FRAME_HEADER_BYTES, writeFrame } from '../tcp/frame-parser.ts';

/** One buffer in which all connections write their frames, as long as their sockets pass them on at once. */
export class FrameBuffer {
  #memory = new DatagramBuffer();

  /** A datagram as a frame, valid until the next call. */
  frame(datagram: Uint8Array): Uint8Array {
    const length = FRAME_HEADER_BYTES + datagram.length;
    const target = length <= this.#memory.bytes.length ? this.#memory.view(length) : new Uint8Array(length);
    writeFrame(datagram, target);
    return target;
  }

  /** Leaves the memory to a socket that still needs it. */
  leave(): void {
    this.#memory = new DatagramBuffer();
  }
}
