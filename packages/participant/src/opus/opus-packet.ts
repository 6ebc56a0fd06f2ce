/** Frame sizes by the configuration number of the TOC byte (RFC 6716 section 3.1, table 2): four of SILK, two of hybrid, four of CELT. */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
/** RFC 6716 section 3.2.5. */
const MAX_PACKET_MS = 120;
const FRAME_COUNT_MASK = 0x3f;
const PADDING_BIT = 0x40;
const VBR_BIT = 0x80;
/** RFC 6716 section 3.2.1. */
const MAX_FRAME_BYTES = 1_275;
/** From here on, a length takes a second byte, which counts by 4. */
const TWO_BYTE_LENGTH = 252;
const FULL_PADDING = 255;

/** Opus always counts time in samples at 48 kHz (RFC 7845 section 4). */
export const OPUS_TICKS_PER_MS = 48;

/** Returns the duration of an Opus packet by its table of contents, undefined for bytes that are none (RFC 6716 section 3.4). */
export function opusDurationMs(packet: Uint8Array): number | undefined {
  const frames = packet.length === 0 ? 0 : frameCount(packet);
  const durationMs = frames * frameMs(packet[0]! >> 3);
  return durationMs > 0 && durationMs <= MAX_PACKET_MS ? durationMs : undefined;
}

function frameMs(config: number): number {
  if (config < 12) return SILK_MS[config % 4]!;
  return config < 16 ? HYBRID_MS[config % 2]! : CELT_MS[config % 4]!;
}

/** Frames of a packet, 0 if their lengths do not add up to it. */
function frameCount(packet: Uint8Array): number {
  switch (packet[0]! & 3) {
    case 0:
      return packet.length - 1 <= MAX_FRAME_BYTES ? 1 : 0;
    case 1:
      return isDivided(packet.length - 1, 2) ? 2 : 0;
    case 2:
      return isLaced(packet, 1, packet.length, 2) ? 2 : 0;
    default:
      return countedFrames(packet);
  }
}

/** Frames of a packet that says how many it has (RFC 6716 section 3.2.5). */
function countedFrames(packet: Uint8Array): number {
  const header = packet[1] ?? 0;
  const count = header & FRAME_COUNT_MASK;
  let at = 2;
  let padding = 0;
  if ((header & PADDING_BIT) !== 0) {
    let length: number;
    do {
      length = packet[at++] ?? 0;
      padding += length === FULL_PADDING ? FULL_PADDING - 1 : length;
    } while (length === FULL_PADDING);
  }
  const end = packet.length - padding;
  const isWhole = (header & VBR_BIT) === 0 ? isDivided(end - at, count) : isLaced(packet, at, end, count);
  return isWhole ? count : 0;
}

const isDivided = (bytes: number, count: number): boolean =>
  bytes >= 0 && count > 0 && bytes % count === 0 && bytes / count <= MAX_FRAME_BYTES;

/** Reports whether there are frames of the lengths that all but the last one have in front (RFC 6716 section 3.2.1). */
function isLaced(packet: Uint8Array, start: number, end: number, count: number): boolean {
  let at = start;
  let bytes = 0;
  for (let frame = 0; frame < count - 1; frame++) {
    const first = packet[at++];
    if (first === undefined || at > end) return false;
    bytes += first < TWO_BYTE_LENGTH ? first : first + 4 * (packet[at++] ?? Number.POSITIVE_INFINITY);
  }
  const last = end - at - bytes;
  return last >= 0 && last <= MAX_FRAME_BYTES;
}

/** 20 ms of silence: one CELT frame, fullband, mono. */
export const OPUS_SILENCE_20_MS = Uint8Array.of(0xf8, 0xff, 0xfe);
/** 120 ms of it, in one packet of six frames of equal size (RFC 6716 section 3.2.5). */
export const OPUS_SILENCE_120_MS = Uint8Array.from([0xfb, 6, ...Array.from({ length: 6 }, () => [0xff, 0xfe]).flat()]);
