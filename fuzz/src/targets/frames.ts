import { FrameParser, frameOf } from '../../../packages/packet-io/src/tcp/frame-parser.ts';
import { rule, ruleOfRoundTrip } from '../rules.ts';
import type { FuzzTarget } from '../target.ts';

const MAX_FRAME_BYTES = 1_500;

interface Parsed {
  readonly frames: readonly Buffer[];
  readonly oversized: number;
}

function parseFrames(stream: Uint8Array, chunkBytes: number): Parsed {
  const parser = new FrameParser(MAX_FRAME_BYTES);
  const frames: Buffer[] = [];
  for (let at = 0; at < stream.length; at += chunkBytes) {
    parser.parse(stream.subarray(at, at + chunkBytes), (arena, offset, length) => {
      rule(offset >= 0 && length > 0 && offset + length <= arena.length, 'a frame lies outside its memory');
      frames.push(Buffer.from(arena.subarray(offset, offset + length)));
    });
  }
  return { frames, oversized: parser.oversized };
}

/** The stream of a TCP connection, which gives the same frames however it is split. */
export const FRAMES: FuzzTarget = {
  name: 'tcp-frames',
  sources: ['packages/packet-io/src/tcp/frame-parser.ts'],
  seeds: () => [
    Buffer.concat([Buffer.alloc(20, 1), Buffer.alloc(300, 2), Buffer.alloc(1)].map(frameOf)),
    Buffer.concat([frameOf(Buffer.alloc(0)), frameOf(Buffer.alloc(MAX_FRAME_BYTES + 1)), frameOf(Buffer.alloc(9))]),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('160301020001', 'hex'),
  ],
  parse(input) {
    const whole = parseFrames(input, input.length);
    for (const chunkBytes of [1, 2, 3, 7]) ruleOfRoundTrip(whole, parseFrames(input, chunkBytes));
    const written = Buffer.concat(whole.frames.map(frameOf));
    ruleOfRoundTrip(whole.frames, parseFrames(written, written.length).frames);
    return { oversized: whole.oversized, lengths: whole.frames.map(({ length }) => length) };
  },
};
