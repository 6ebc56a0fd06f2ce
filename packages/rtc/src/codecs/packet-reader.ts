import { findHeaderExtension, headerExtensionLength } from '../rtp/header-extensions.ts';
import { DependencyReader, hasStructure, keepDependencyDescriptor } from './dependency-descriptor.ts';
import { clearPayloadDescriptor, type PayloadDescriptor, type ReadPayload } from './payload-descriptor.ts';
import { payloadReader } from './payload-format.ts';

/**
 * Reads the packets of one source: the payload, and the dependency descriptor where the packet has one. That one decides on key frames and
 * layers, as it holds for payloads that are encrypted end to end, too. It is kept for receivers, whether it can be read here or not.
 */
export class PacketReader {
  /** The packet that was read last has a dependency descriptor that is not passed on. */
  leavesOutDescriptor = false;
  readonly #dependencies = new DependencyReader();
  #readPayload: ReadPayload;
  /** Header extension id of the dependency descriptor, 0 for none. */
  #descriptorId: number;

  constructor(mimeType: string, descriptorId: number) {
    this.#readPayload = payloadReader(mimeType);
    this.#descriptorId = descriptorId;
  }

  /** The codec may have changed, or the id of the dependency descriptor. */
  adopt(mimeType: string, descriptorId: number): void {
    this.#readPayload = payloadReader(mimeType);
    this.#descriptorId = descriptorId;
  }

  /** Reads a packet whose payload is from `start` to `payloadEnd`. Returns false if it is malformed: then `into` is not to be used. */
  read(packet: Buffer, start: number, payloadEnd: number, into: PayloadDescriptor): boolean {
    const isReadable = this.#readPayload(packet, start, payloadEnd, into);
    this.leavesOutDescriptor = false;
    const at = this.#descriptorId === 0 ? -1 : findHeaderExtension(packet, this.#descriptorId);
    if (at < 0) return isReadable;
    if (!isReadable) clearPayloadDescriptor(into);
    const end = at + headerExtensionLength(packet, at);
    this.leavesOutDescriptor = !keepDependencyDescriptor(packet, at, end, into);
    if (this.#dependencies.read(packet, at, end, into)) return true;
    // Key frames bring a structure. In a payload that is encrypted end to end, whatever looks like one is none.
    if (!hasStructure(packet, at, end)) into.startsKeyframe = false;
    return isReadable;
  }
}
