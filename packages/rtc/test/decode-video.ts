import { spawnSync } from 'node:child_process';

/** Squares of the counter in the top row of the pictures of `test/vectors/video`. */
const SQUARES = 32;
const COUNTER_BITS = 24;
const IVF_HEADER_BYTES = 32;
const IVF_FRAME_HEADER_BYTES = 12;

/** Returns whether ffmpeg is installed. */
export const hasFfmpeg = (): boolean => spawnSync('ffmpeg', ['-version']).status === 0;

/** Formats of what is decoded: IVF with a four-character code, or H.264 with start codes. */
export type DecodedFormat = 'VP80' | 'VP90' | 'AV01' | 'h264';

/** Options for formats whose usual decoder takes a single frame of each packet: with spatial layers, there are several. */
const DECODER: Partial<Record<DecodedFormat, readonly string[]>> = { VP90: ['-c:v', 'libvpx-vp9'] };

/**
 * Decodes frames, and returns the counter that each picture shows. Throws an error if the decoder complains about any.
 */
export function decodeCounters(format: DecodedFormat, frames: readonly Buffer[]): number[] {
  const isAnnexB = format === 'h264';
  const filters = `scale=${SQUARES}:18:flags=area,format=gray`;
  const { stdout, stderr, status } = spawnSync(
    'ffmpeg',
    [
      // Of the full range of colors that H.264 may have, swscale warns.
      ...['-v', isAnnexB ? 'error' : 'warning', '-xerror', '-err_detect', 'explode', '-threads', '1'],
      ...(DECODER[format] ?? []),
      ...['-f', isAnnexB ? 'h264' : 'ivf', '-i', 'pipe:0'],
      // One picture for each frame, and none hidden.
      ...['-fps_mode', 'passthrough', '-vf', filters, '-f', 'rawvideo', 'pipe:1'],
    ],
    { input: isAnnexB ? Buffer.concat(frames) : ivf(format, frames), maxBuffer: 2 ** 26 },
  );
  const complaints = stderr.toString().trim();
  if (status !== 0 || complaints !== '') throw new Error(`ffmpeg: ${complaints}`);
  const bytes = SQUARES * 18;
  return Array.from({ length: stdout.length / bytes }, (_, at) => counterOf(stdout.subarray(at * bytes)));
}

/** White, black, then the bits, white for 1. */
function counterOf(row: Buffer): number {
  const isWhite = (square: number) => row[square]! > 128;
  if (!isWhite(0) || isWhite(1)) return -1;
  let counter = 0;
  for (let bit = 0; bit < COUNTER_BITS; bit++) counter = counter * 2 + (isWhite(2 + bit) ? 1 : 0);
  return counter;
}

function ivf(fourCc: string, frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(IVF_HEADER_BYTES);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(IVF_HEADER_BYTES, 6);
  header.write(fourCc, 8, 'latin1');
  header.writeUInt16LE(640, 12);
  header.writeUInt16LE(360, 14);
  header.writeUInt32LE(90_000, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const parts = frames.flatMap((frame, at) => {
    const frameHeader = Buffer.alloc(IVF_FRAME_HEADER_BYTES);
    frameHeader.writeUInt32LE(frame.length, 0);
    frameHeader.writeBigUInt64LE(BigInt(at * 3_000), 4);
    return [frameHeader, frame];
  });
  return Buffer.concat([header, ...parts]);
}
