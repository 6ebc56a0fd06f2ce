import type { HeaderExtensionWriter } from '../rtp/header-extensions.ts';
import { BitReader } from './bit-reader.ts';
import { DependencyStructure, SWITCH } from './dependency-structure.ts';
import { MAX_DEPENDENCY_DESCRIPTOR_BYTES, type PayloadDescriptor } from './payload-descriptor.ts';

//  0                   1                   2
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |S|E|template id|         frame number          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |T|A|D|F|C|  structure, active decode targets, and the frame's own definition
// +-+-+-+-+-+-----------------------------------------

const MANDATORY_BYTES = 3;
/** T, in the byte behind the mandatory ones. */
const STRUCTURE_BIT = 0x80;
const FRAME_NUMBER_BITS = 16;
const FRAME_NUMBER_OFFSET = 1;
/** Frame numbers before they wrap. */
export const FRAME_NUMBERS = 2 ** FRAME_NUMBER_BITS;
const TEMPLATE_IDS = 64;

/** Returns whether a header extension element has a template structure, which key frames bring. */
export const hasStructure = (packet: Buffer, start: number, end: number): boolean =>
  end - start > MANDATORY_BYTES && (packet[start + MANDATORY_BYTES]! & STRUCTURE_BIT) !== 0;

/**
 * Keeps the header extension element from `start` to `end`, to be passed on to receivers that read more of it than forwarding needs. Returns
 * false for one that is cut short, or longer than all that is passed on: it is left out.
 */
export function keepDependencyDescriptor(packet: Buffer, start: number, end: number, into: PayloadDescriptor): boolean {
  const length = end - start;
  if (length < MANDATORY_BYTES || length > MAX_DEPENDENCY_DESCRIPTOR_BYTES) return false;
  packet.copy(into.dependencyDescriptor, 0, start, end);
  into.dependencyDescriptorLength = length;
  into.frameNumber = packet.readUInt16BE(start + FRAME_NUMBER_OFFSET);
  return true;
}

/**
 * Writes the dependency descriptor of a packet with another frame number. The rest holds as it is: frames refer to others by the distance
 * of their numbers, and to the template structure of the last key frame of the same source.
 */
export function writeDependencyDescriptor(
  extensions: HeaderExtensionWriter,
  id: number,
  { dependencyDescriptor, dependencyDescriptorLength }: PayloadDescriptor,
  frameNumber: number,
): void {
  dependencyDescriptor.writeUInt16BE(frameNumber, FRAME_NUMBER_OFFSET);
  extensions.writeBytes(id, dependencyDescriptor, dependencyDescriptorLength);
}

/**
 * Reads the dependency descriptors of one source (RTP Payload Format for AV1, appendix A), which stand for the payload where that is encrypted end
 * to end, and where it does not contain the layers. Keeps the structure that the last key frame brought.
 */
export class DependencyReader {
  readonly #bits = new BitReader();
  readonly #structure = new DependencyStructure();

  /**
   * Reads the header extension element from `start` to `end`, which must lie within `packet`, into the fields that describe which frame a payload is
   * of; those that are rewritten stay as they are. Returns false if it is malformed, or refers to a structure that never arrived: then `into` is
   * as it was.
   */
  read(packet: Buffer, start: number, end: number, into: PayloadDescriptor): boolean {
    const bits = this.#bits;
    const structure = this.#structure;
    bits.begin(packet, start, end);
    const startsFrame = bits.readFlag();
    const endsFrame = bits.readFlag();
    const templateId = bits.read(6);
    bits.skip(FRAME_NUMBER_BITS);
    const isExtended = end - start > MANDATORY_BYTES;
    const hasStructure = isExtended && bits.readFlag();
    const hasActiveTargets = isExtended && bits.readFlag();
    const hasIndications = isExtended && bits.readFlag();
    const hasReferences = isExtended && bits.readFlag();
    if (isExtended) bits.skip(1);
    if (hasStructure && !structure.read(bits)) return false;
    const template = (templateId + TEMPLATE_IDS - structure.templateIdOffset) % TEMPLATE_IDS;
    if (bits.isOverrun || template >= structure.templates) return false;

    if (hasActiveTargets) bits.skip(structure.decodeTargets);
    const spatialId = structure.spatialIds[template]!;
    const isSwitchingUpPoint = this.#readIndications(template, spatialId, hasIndications);
    const furthest = hasReferences ? this.#readReferences() : structure.furthestReferences[template]!;
    if (bits.isOverrun) return false;
    into.startsKeyframe = startsFrame && hasStructure && furthest === 0 && spatialId === 0;
    into.endsFrame = endsFrame;
    into.spatialId = spatialId;
    into.temporalId = structure.temporalIds[template]!;
    into.isLayerSync = false;
    into.isSwitchingUpPoint = isSwitchingUpPoint;
    return true;
  }

  /** Returns whether receivers of any temporal layers of the frame's spatial layer can switch at the frame. */
  #readIndications(template: number, spatialId: number, areOwn: boolean): boolean {
    const structure = this.#structure;
    let isSwitch = true;
    for (let target = 0; target < structure.decodeTargets; target++) {
      const indication = areOwn ? this.#bits.read(2) : structure.indication(template, target);
      if (structure.targetSpatialIds[target] === spatialId && indication !== SWITCH) isSwitch = false;
    }
    return isSwitch;
  }

  #readReferences(): number {
    let furthest = 0;
    for (;;) {
      const nibbles = this.#bits.read(2);
      if (nibbles === 0) return furthest;
      furthest = Math.max(furthest, this.#bits.read(nibbles * 4) + 1);
    }
  }
}
