import { type OnPackets, RECEIVED_WORDS } from './packet-io.ts';
import type { PathId } from './packet-path.ts';

/** Takes one packet, borrowed until return, that came on a path. */
export type OnPacket = (packet: Uint8Array, path: PathId) => void;

/** Makes an `onPackets` of a function for one packet. A batch that is a single packet is passed on without a view of it. */
export function eachPacket(onPacket: OnPacket): OnPackets {
  return (arena, descriptors, count) => {
    for (let at = 0, end = count * RECEIVED_WORDS; at < end; at += RECEIVED_WORDS) {
      const path = descriptors[at]!;
      const offset = descriptors[at + 1]!;
      const length = descriptors[at + 2]!;
      onPacket(length === arena.length ? arena : arena.subarray(offset, offset + length), path);
    }
  };
}
