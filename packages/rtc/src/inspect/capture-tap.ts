import { DESCRIPTOR_WORDS, type PacketPlane } from '@rtcd/packet-io';
import type { Capture } from './capture.ts';

/** Tap for packets to peers while they are plain. Costs one field read per fan-out while no capture runs. */
export class CaptureTap implements Pick<PacketPlane, 'send' | 'sendRtcp'> {
  readonly #plane: Pick<PacketPlane, 'send' | 'sendRtcp'>;
  /** By slot. Undefined while there is none. */
  #captures: Map<number, Capture> | undefined;

  constructor(plane: Pick<PacketPlane, 'send' | 'sendRtcp'>) {
    this.#plane = plane;
  }

  /** Shows what is sent to a slot to a capture from now on. */
  attach(slot: number, capture: Capture): void {
    this.#captures ??= new Map();
    this.#captures.set(slot, capture);
  }

  /** Shows a capture no more packets, whatever slot they are for. */
  detach(capture: Capture): void {
    for (const [slot, attached] of this.#captures ?? []) if (attached === capture) this.#captures?.delete(slot);
    if (this.#captures?.size === 0) this.#captures = undefined;
  }

  send(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    if (this.#captures !== undefined) this.#record(this.#captures, arena, descriptors, count);
    this.#plane.send(arena, descriptors, count);
  }

  sendRtcp(slot: number, compound: Uint8Array): void {
    if (this.#captures !== undefined) this.#captures.get(slot)?.rtcp(compound, 'outbound');
    this.#plane.sendRtcp(slot, compound);
  }

  #record(captures: ReadonlyMap<number, Capture>, arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
      const capture = captures.get(descriptors[at]!);
      if (capture === undefined) continue;
      const header = descriptors[at + 2]!;
      const headerLength = descriptors[at + 3]!;
      const payloadLength = descriptors[at + 4]! + descriptors[at + 6]!;
      capture.sentRtp(arena.subarray(header, header + headerLength), headerLength + payloadLength);
    }
  }
}
