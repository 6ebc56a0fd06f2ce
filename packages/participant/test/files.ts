import { writeOggPage } from '../src/ogg/ogg-page.ts';

const OPUS_HEAD = Buffer.from('4f707573486561640101380180bb0000000000', 'hex');
const OPUS_TAGS = Buffer.concat([Buffer.from('OpusTags'), Buffer.alloc(8)]);
const SERIAL = 1;

/** An Ogg Opus file with these packets, at most so many on a page. */
export function opusFile(packets: readonly Uint8Array[], packetsPerPage = 50): Buffer {
  const bodies = [[OPUS_HEAD], [OPUS_TAGS]] as (readonly Uint8Array[])[];
  for (let at = 0; at < packets.length; at += packetsPerPage) bodies.push(packets.slice(at, at + packetsPerPage));
  return Buffer.concat(
    bodies.map((body, sequence) =>
      writeOggPage({
        flags: (sequence === 0 ? 2 : 0) | (sequence === bodies.length - 1 ? 4 : 0),
        granule: 0n,
        serial: SERIAL,
        sequence,
        packets: body,
      }),
    ),
  );
}

/** The same bytes in chunks of this size. */
export const inChunks = (bytes: Uint8Array, size: number): Uint8Array[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  );
