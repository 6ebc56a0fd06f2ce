/** Frame sizes by the configuration number of the TOC byte (RFC 6716 section 3.1, table 2): four of SILK, two of hybrid, four of CELT. */
const SILK_MS = [10, 20, 40, 60];
const HYBRID_MS = [10, 20];
const CELT_MS = [2.5, 5, 10, 20];
/** RFC 6716 section 3.2.5. */
const MAX_PACKET_MS = 120;
const FRAME_COUNT_MASK = 0x3f;

/** Opus always counts time in samples at 48 kHz (RFC 7845 section 4). */
export const OPUS_TICKS_PER_MS = 48;

/** Returns the duration of an Opus packet by its table of contents, undefined for bytes that are none (RFC 6716 section 3.4). */
export function opusDurationMs(packet: Uint8Array): number | undefined {
  const [toc, count] = packet;
  if (toc === undefined) return undefined;
  const durationMs = frameMs(toc >> 3) * frameCount(toc & 3, count);
  return durationMs > 0 && durationMs <= MAX_PACKET_MS ? durationMs : undefined;
}

function frameMs(config: number): number {
  if (config < 12) return SILK_MS[config % 4]!;
  return config < 16 ? HYBRID_MS[config % 2]! : CELT_MS[config % 4]!;
}

/** NaN for a packet of any number of frames that does not say how many. */
function frameCount(code: number, count: number | undefined): number {
  if (code === 0) return 1;
  return code === 3 ? (count ?? Number.NaN) & FRAME_COUNT_MASK : 2;
}

/** 20 ms of silence: one CELT frame, fullband, mono. */
export const OPUS_SILENCE_20_MS = Uint8Array.of(0xf8, 0xff, 0xfe);
/** 120 ms of it, in one packet of six frames of equal size (RFC 6716 section 3.2.5). */
export const OPUS_SILENCE_120_MS = Uint8Array.from([0xfb, 6, ...Array.from({ length: 6 }, () => [0xff, 0xfe]).flat()]);
