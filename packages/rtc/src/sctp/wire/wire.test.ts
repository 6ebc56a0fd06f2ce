import { describe, expect, it } from 'vitest';
import { CauseCode, encodeAbort, encodeError, readCauseCodes } from './cause.ts';
import { type Chunk, ChunkType, encodeChunk, encodeEmptyChunk, readChunks, unknownChunkAction } from './chunk.ts';
import { dataChunkBytes, readData, writeData } from './data.ts';
import { encodeForwardTsn, readForwardTsn } from './forward-tsn.ts';
import { encodeInit, readInit } from './init.ts';
import { PacketWriter, parsePacket } from './packet.ts';
import { encodeParameters, ParameterType } from './parameter.ts';
import { encodeOutgoingReset, encodeReConfigResponse, readReConfig } from './re-config.ts';
import { encodeSack, readSack } from './sack.ts';
import { encodeShutdown, readShutdown } from './shutdown.ts';

const INIT_FIELDS = {
  initiateTag: 0xdeadbeef,
  receiverWindowBytes: 0x20000,
  outboundStreams: 1024,
  inboundStreams: 65535,
  initialTsn: 0xffffffff,
};

function onlyChunk(bytes: Buffer): Chunk {
  const chunks = readChunks(bytes);
  expect(chunks).toHaveLength(1);
  return chunks![0]!;
}

/** Parses every truncation of the value. None may throw; the caller checks the results. */
function everyTruncation<T>(value: Buffer, read: (value: Buffer) => T): T[] {
  return Array.from({ length: value.length }, (_, length) => read(Buffer.from(value.subarray(0, length))));
}

describe('a packet', () => {
  // Ports 5000 and 5000, tag 1, COOKIE ACK; the checksum computed bit by bit, with another program.
  const CHECKSUM = 'c8f9c8cd';
  const COOKIE_ACK = `1388138800000001${CHECKSUM}0b000004`;

  function packetOf(...chunks: Buffer[]): Buffer {
    const writer = new PacketWriter(5000, 5001, 0x01020304, 1200);
    for (const chunk of chunks) writer.add(chunk);
    return writer.finish();
  }

  it('has the same bytes as a handmade one', () => {
    const writer = new PacketWriter(5000, 5000, 1, 1200);
    writer.add(encodeEmptyChunk(ChunkType.CookieAck));
    expect(writer.finish().toString('hex')).toBe(COOKIE_ACK);
    expect(parsePacket(Buffer.from(COOKIE_ACK, 'hex'))?.verificationTag).toBe(1);
  });

  it('is read as it was written', () => {
    const packet = packetOf(
      encodeChunk(ChunkType.CookieAck, 0, Buffer.alloc(0)),
      encodeChunk(200, 7, Buffer.from('abcde')),
    );
    expect(packet.length).toBe(12 + 4 + 12);
    expect(parsePacket(packet)).toEqual({
      sourcePort: 5000,
      destinationPort: 5001,
      verificationTag: 0x01020304,
      chunks: [
        { type: ChunkType.CookieAck, flags: 0, value: Buffer.alloc(0) },
        { type: 200, flags: 7, value: Buffer.from('abcde') },
      ],
    });
  });

  it('is refused with any single bit changed', () => {
    const packet = packetOf(encodeChunk(ChunkType.Heartbeat, 0, Buffer.from('heartbeat')));
    for (let bit = 0; bit < packet.length * 8; bit += 1) {
      const changed = Buffer.from(packet);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(parsePacket(changed)).toBeUndefined();
    }
  });

  it('is refused at every shorter length, without a chunk, and with a checksum of zero', () => {
    const packet = packetOf(encodeChunk(ChunkType.Heartbeat, 0, Buffer.from('heartbeat')));
    expect(everyTruncation(packet, parsePacket).every((result) => result === undefined)).toBe(true);
    expect(parsePacket(packetOf())).toBeUndefined();
    expect(parsePacket(Buffer.from(COOKIE_ACK.replace(CHECKSUM, '00000000'), 'hex'))).toBeUndefined();
  });

  it('is refused with a chunk of length 0 to 3, or one that reaches past the end', () => {
    for (const length of [0, 1, 2, 3, 9, 0xffff]) {
      const chunk = encodeChunk(ChunkType.Heartbeat, 0, Buffer.alloc(4));
      chunk.writeUInt16BE(length, 2);
      expect(parsePacket(packetOf(chunk)), `length ${length}`).toBeUndefined();
    }
  });

  it('may lack the padding of its last chunk', () => {
    const chunk = encodeChunk(ChunkType.Heartbeat, 0, Buffer.from('12345'));
    expect(parsePacket(packetOf(chunk.subarray(0, 9)))?.chunks[0]?.value.toString()).toBe('12345');
  });
});

describe('unknown chunk types', () => {
  it.each([
    [0x3f, false, false],
    [0x7f, false, true],
    [0xbf, true, false],
    [0xff, true, true],
  ])('%i: skip %s, report %s', (type, skip, report) => {
    expect(unknownChunkAction(type)).toEqual({ skip, report });
  });
});

describe('INIT', () => {
  it('is read as it was written', () => {
    const chunk = onlyChunk(encodeInit(ChunkType.Init, INIT_FIELDS));
    expect(chunk.type).toBe(ChunkType.Init);
    expect(readInit(chunk.value)).toEqual({
      ...INIT_FIELDS,
      forwardTsn: true,
      reConfig: true,
      cookie: undefined,
      unrecognized: [],
    });
  });

  it('carries a cookie as INIT ACK', () => {
    const cookie = { type: ParameterType.StateCookie, value: Buffer.from('cookie!') };
    const chunk = onlyChunk(encodeInit(ChunkType.InitAck, INIT_FIELDS, [cookie]));
    expect(readInit(chunk.value)?.cookie?.toString()).toBe('cookie!');
  });

  it('is refused without tag, or without streams', () => {
    for (const field of ['initiateTag', 'outboundStreams', 'inboundStreams'] as const) {
      const chunk = onlyChunk(encodeInit(ChunkType.Init, { ...INIT_FIELDS, [field]: 0 }));
      expect(readInit(chunk.value), field).toBeUndefined();
    }
  });

  it('follows the high bits of unknown parameters', () => {
    const later = { type: ParameterType.StateCookie, value: Buffer.from('later') };
    const read = (type: number) => {
      const parameters = [{ type, value: Buffer.from('?') }, later];
      const init = readInit(onlyChunk(encodeInit(ChunkType.InitAck, INIT_FIELDS, parameters)).value);
      return { goesOn: init?.cookie !== undefined, reported: init?.unrecognized.map((parameter) => parameter.type) };
    };
    expect(read(0x3f00)).toEqual({ goesOn: false, reported: [] });
    expect(read(0x7f00)).toEqual({ goesOn: false, reported: [0x7f00] });
    expect(read(0xbf00)).toEqual({ goesOn: true, reported: [] });
    expect(read(0xff00)).toEqual({ goesOn: true, reported: [0xff00] });
  });

  it('survives every truncation', () => {
    const { value } = onlyChunk(encodeInit(ChunkType.Init, INIT_FIELDS));
    for (const [length, init] of everyTruncation(value, readInit).entries()) {
      if (length < 16) expect(init).toBeUndefined();
    }
  });
});

describe('DATA', () => {
  const data = {
    tsn: 0x01020304,
    streamId: 5,
    ssn: 6,
    ppid: 51,
    unordered: false,
    begin: true,
    end: false,
    immediate: false,
    payload: Buffer.from('hello'),
  };

  it('is read as it was written, for all flags', () => {
    for (const [begin, end, unordered, immediate] of [
      [true, true, false, false],
      [false, false, true, false],
      [true, false, false, true],
      [false, true, true, true],
    ] as const) {
      const bytes = Buffer.alloc(dataChunkBytes(5), 0xee);
      expect(writeData({ ...data, begin, end, unordered, immediate }, bytes)).toBe(24);
      const read = readData(onlyChunk(bytes));
      expect(read).toEqual({ ...data, begin, end, unordered, immediate, ssn: unordered ? 0 : 6 });
      expect(bytes.subarray(-3)).toEqual(Buffer.alloc(3));
    }
  });

  it('is laid out as in RFC 9260 section 3.3.1', () => {
    const bytes = Buffer.alloc(dataChunkBytes(5));
    writeData(data, bytes);
    expect(bytes.toString('hex')).toBe(`00020015${'01020304'}${'00050006'}${'00000033'}${'68656c6c6f000000'}`);
  });

  it('is refused when shorter than its header', () => {
    const bytes = Buffer.alloc(dataChunkBytes(5));
    writeData(data, bytes);
    const chunk = onlyChunk(bytes);
    const results = everyTruncation(chunk.value, (value) => readData({ ...chunk, value }));
    for (const [length, result] of results.entries()) expect(result === undefined).toBe(length < 12);
  });
});

describe('SACK', () => {
  const sack = {
    cumulativeTsn: 0xfffffff0,
    receiverWindowBytes: 1000,
    gapBlocks: [
      { start: 2, end: 3 },
      { start: 5, end: 5 },
    ],
    duplicateTsns: [7, 8],
  };

  it('is read as it was written', () => {
    expect(readSack(onlyChunk(encodeSack(sack)).value)).toEqual(sack);
  });

  it('is refused at every other length', () => {
    const { value } = onlyChunk(encodeSack(sack));
    expect(everyTruncation(value, readSack).every((result) => result === undefined)).toBe(true);
    expect(readSack(Buffer.concat([value, Buffer.alloc(4)]))).toBeUndefined();
  });

  it('is refused with blocks that overlap, are reversed, or not in order', () => {
    const blocks = [
      [
        { start: 2, end: 5 },
        { start: 5, end: 9 },
      ],
      [{ start: 9, end: 8 }],
      [{ start: 0, end: 1 }],
      [
        { start: 10, end: 11 },
        { start: 2, end: 3 },
      ],
    ];
    for (const gapBlocks of blocks) {
      expect(readSack(onlyChunk(encodeSack({ ...sack, gapBlocks })).value)).toBeUndefined();
    }
  });
});

describe('FORWARD TSN', () => {
  const forward = {
    newCumulativeTsn: 17,
    streams: [
      { streamId: 1, ssn: 2 },
      { streamId: 3, ssn: 0xffff },
    ],
  };

  it('is read as it was written, and refused with half an entry', () => {
    const { value } = onlyChunk(encodeForwardTsn(forward));
    expect(readForwardTsn(value)).toEqual(forward);
    for (const [length, result] of everyTruncation(value, readForwardTsn).entries()) {
      expect(result === undefined).toBe(length < 4 || length % 4 !== 0);
    }
  });
});

describe('RE-CONFIG', () => {
  const request = { requestSeq: 1, responseSeq: 2, lastAssignedTsn: 3, streamIds: [4, 5, 6] };

  it('is read as it was written', () => {
    expect(readReConfig(onlyChunk(encodeOutgoingReset(request)).value)).toEqual([
      { kind: 'outgoing_reset', ...request },
    ]);
    const response = onlyChunk(encodeReConfigResponse(9, 1));
    expect(readReConfig(response.value)).toEqual([{ kind: 'response', responseSeq: 9, result: 1 }]);
  });

  it('does not count the padding of its parameter as part of the chunk', () => {
    expect(encodeOutgoingReset({ ...request, streamIds: [4] }).readUInt16BE(2)).toBe(4 + 4 + 12 + 2);
  });

  it('names other requests by their number only', () => {
    for (const type of [14, 15, 17, 18]) {
      const value = encodeParameters([{ type, value: Buffer.from('0000000900010000', 'hex') }]);
      expect(readReConfig(value)).toEqual([{ kind: 'other_request', requestSeq: 9 }]);
    }
  });

  it('is refused with more than two parameters', () => {
    const value = encodeParameters(Array.from({ length: 3 }, () => ({ type: 16, value: Buffer.alloc(8) })));
    expect(readReConfig(value)).toBeUndefined();
  });

  it('is refused or empty at every shorter length', () => {
    const { value } = onlyChunk(encodeOutgoingReset(request));
    for (const result of everyTruncation(value, readReConfig)) expect(result ?? []).toEqual([]);
  });
});

describe('SHUTDOWN, ABORT and ERROR', () => {
  it('are read as they were written', () => {
    expect(readShutdown(onlyChunk(encodeShutdown(0xfedcba98)).value)).toBe(0xfedcba98);
    expect(readShutdown(Buffer.alloc(3))).toBeUndefined();
    expect(readCauseCodes(onlyChunk(encodeAbort(CauseCode.ProtocolViolation)).value)).toEqual([13]);
    const causes = [
      { type: CauseCode.StaleCookie, value: Buffer.alloc(4) },
      { type: CauseCode.UnrecognizedChunkType, value: Buffer.alloc(5) },
    ];
    expect(readCauseCodes(onlyChunk(encodeError(causes)).value)).toEqual([3, 6]);
    expect(readCauseCodes(Buffer.from('000300'))).toEqual([]);
  });
});
