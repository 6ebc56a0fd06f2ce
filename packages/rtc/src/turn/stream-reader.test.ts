import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { writeAttributes } from '../stun/write.ts';
import { ChannelDataWriter } from './channel-data.ts';
import { StreamReader } from './stream-reader.ts';

const STUN = writeAttributes({ messageClass: 'success', method: 3, transactionId: randomBytes(12) }, []);
const writer = new ChannelDataWriter(1500, true);
const channelData = (size: number) => Buffer.from(writer.write(0x4000, Buffer.alloc(size, size)));
const MESSAGES = [STUN, channelData(1), STUN, channelData(0), channelData(7), channelData(1200), STUN];

/** Reads a stream that arrives in pieces of the given sizes, in turn. */
function read(bytes: Buffer, sizes: readonly number[]) {
  const messages: string[] = [];
  const reader = new StreamReader((message) => void messages.push(message.toString('hex')));
  let isWhole = true;
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    isWhole = reader.receive(bytes.subarray(at, at + size)) && isWhole;
    at += size;
  }
  return { messages, isWhole, skipped: reader.skipped };
}

describe('a stream from a TURN server', () => {
  it.each([[[1]], [[2]], [[3]], [[5]], [[1, 2, 3, 5, 8, 13]], [[4]], [[19]], [[20]], [[100_000]]])(
    'is read however it is split: %j',
    (sizes) => {
      const { messages, isWhole } = read(Buffer.concat(MESSAGES), sizes);
      expect(messages).toEqual(MESSAGES.map((message) => message.toString('hex')));
      expect(isWhole).toBe(true);
    },
  );

  it.each([[[1]], [[100_000]]])('is read on behind a frame that is too large: %j', (sizes) => {
    const large = Buffer.alloc(4 + 65_536);
    large.writeUInt16BE(0x4001, 0);
    large.writeUInt16BE(65_535, 2);
    const { messages, skipped } = read(Buffer.concat([STUN, large, STUN]), sizes);
    expect(messages).toHaveLength(2);
    expect(skipped).toBe(1);
  });

  it.each([
    ['of another protocol', Buffer.from('SSH-2.0-OpenSSH_9.2 and more\r\n')],
    ['of TLS', Buffer.from([22, 3, 1, 0, 200, 1, 0, 0, 196])],
    ['without the magic cookie', Buffer.concat([Buffer.from([1, 1, 0, 0]), Buffer.alloc(16)])],
    ['with a length that is no multiple of four', Buffer.from([1, 1, 0, 1, 0x21, 0x12, 0xa4, 0x42])],
  ])('%s is given up', (_name, bytes) => {
    for (const sizes of [[1], [1000]]) {
      const { messages, isWhole } = read(Buffer.concat([bytes, STUN]), sizes);
      expect(messages).toEqual([]);
      expect(isWhole).toBe(false);
    }
  });
});
