import { PacketIoError } from '../errors.ts';
import { DESCRIPTOR_WORDS } from '../packet-plane.ts';
import { RTP_HEADER_BYTES } from '../srtp/packet-format.ts';

/**
 * Checks a whole fan-out before any of it is sent. Offsets are made by the caller and never come from the network, so a wrong one
 * is a bug that must not pass quietly: the next packet would carry bytes of another one.
 */
export function checkDescriptors(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
  if (count * DESCRIPTOR_WORDS > descriptors.length) {
    throw new PacketIoError('invalid_descriptor', `${count} descriptors do not fit into ${descriptors.length} words`);
  }
  for (let at = 0, end = count * DESCRIPTOR_WORDS; at < end; at += DESCRIPTOR_WORDS) {
    const headerOffset = descriptors[at + 2]!;
    const headerLength = descriptors[at + 3]!;
    const prefixLength = descriptors[at + 4]!;
    const payloadOffset = descriptors[at + 5]!;
    const payloadLength = descriptors[at + 6]!;
    if (
      headerLength < RTP_HEADER_BYTES ||
      headerOffset + headerLength + prefixLength > arena.length ||
      payloadOffset + payloadLength > arena.length
    ) {
      throw new PacketIoError(
        'invalid_descriptor',
        `descriptor ${at / DESCRIPTOR_WORDS} has header ${headerOffset}+${headerLength}+${prefixLength} and payload ` +
          `${payloadOffset}+${payloadLength} in an arena of ${arena.length} bytes`,
      );
    }
  }
}
