import { describe, expect, it } from 'vitest';
import { inChunks, opusFile } from '../../test/files.ts';
import { oggCrc32 } from './crc32.ts';
import { writeOggPage } from './ogg-page.ts';
import { type OpusPacket, readOpus } from './read-opus.ts';

const packet = (bytes: number, number = 0): Uint8Array =>
  Uint8Array.from({ length: bytes }, (_, i) => (i === 0 ? 0xf8 : number));

async function readAll(bytes: Uint8Array, chunkBytes = bytes.length): Promise<OpusPacket[]> {
  const read: OpusPacket[] = [];
  for await (const packet of readOpus(inChunks(bytes, chunkBytes))) read.push(packet);
  return read;
}

const page = (fields: Partial<Parameters<typeof writeOggPage>[0]>) =>
  writeOggPage({ flags: 0, granule: 0n, serial: 1, sequence: 2, packets: [packet(3)], ...fields });
const damaged = (file: Buffer) => file.fill(9, file.length - 3);
const headers = opusFile([]);

describe('reading Ogg Opus', () => {
  it.each([1, 7, 1_000, 100_000])('returns the packets of a file in chunks of %i bytes', async (chunkBytes) => {
    const packets = [packet(1), packet(254, 1), packet(255, 2), packet(256, 3), packet(600, 4)];
    const read = await readAll(opusFile(packets, 2), chunkBytes);
    expect(read.map((it) => [...it.packet])).toEqual(packets.map((it) => [...it]));
    expect(read.every(({ durationMs }) => durationMs === 20)).toBe(true);
  });

  it('puts a packet together that continues on the next page', async () => {
    // Without the last lacing value, which is 0, the packet is open.
    const closed = page({ packets: [packet(255)] });
    const open = Buffer.concat([closed.subarray(0, 28), closed.subarray(29)]);
    open[26] = 1;
    open.writeUInt32LE(0, 22);
    open.writeUInt32LE(oggCrc32(open), 22);
    const rest = page({ flags: 1, sequence: 3, packets: [Uint8Array.of(1, 2)] });
    const [read] = await readAll(Buffer.concat([headers, open, rest]));
    expect(read?.packet.length).toBe(257);
  });

  it.each([
    ['no bytes', Buffer.alloc(0), 'ends before its first audio'],
    ['text', Buffer.from('RIFF and what else there is in a file that is not Ogg'), 'is not Ogg'],
    ['a changed byte', damaged(opusFile([packet(20)])), 'damaged'],
    ['half a page', opusFile([packet(20)]).subarray(0, -5), 'ends within a page'],
    ['another codec', page({ packets: [Buffer.alloc(30)] }), 'is not Opus'],
    ['two streams', Buffer.concat([headers, page({ serial: 2 })]), 'more than one stream'],
    ['a continuation of nothing', Buffer.concat([headers, page({ flags: 1 })]), 'lacks a page'],
    ['an empty packet', Buffer.concat([headers, page({ packets: [new Uint8Array()] })]), 'is not Opus'],
  ])('refuses %s', async (_, bytes, reason) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ code: 'malformed', message: expect.stringContaining(reason) });
  });
});
