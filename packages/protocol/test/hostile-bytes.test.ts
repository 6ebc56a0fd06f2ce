import { deflateSync } from 'node:zlib';
import {
  clientMessageType,
  decodeClientMessage,
  decodeDataChannelMessage,
  decodeIceCandidate,
  decodeScreenOn,
  decodeSessionDescription,
  decodeVideoOn,
  encodeClientMessage,
  encodeDataChannelMessage,
  encodeJson,
  MAX_MESSAGE_BYTES,
  MAX_SESSION_DESCRIPTION_BYTES,
  ProtocolError,
  type ProtocolErrorCode,
} from '@rtcd/protocol';
import { sampleMessages } from '@rtcd/protocol/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeValues } from '../src/messagepack.ts';
import { hex } from './vectors/hex.ts';

const decoders: readonly (readonly [name: string, decode: (bytes: Uint8Array) => unknown])[] = [
  ['client message', decodeClientMessage],
  ['data channel message', decodeDataChannelMessage],
  ['session description', decodeSessionDescription],
  ['ICE candidate', decodeIceCandidate],
  ['ScreenOn', decodeScreenOn],
  ['VideoOn', decodeVideoOn],
];

/** Decodes; anything thrown must be a ProtocolError, whose code is returned. */
function codeOf(decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): ProtocolErrorCode | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
    return (error as ProtocolError).code;
  }
}

const concat = (...parts: Uint8Array[]) => new Uint8Array(Buffer.concat(parts));
const latin1 = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));
const SDP = hex('03');
const MEDIA_MAP = hex('09');
const TYPE = hex('a5 6c 65 61 76 65'); // "leave"

describe.each(decoders)('%s', (_, decode) => {
  it('throws nothing but ProtocolError at random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        codeOf(decode, bytes);
      }),
      { numRuns: 1000 },
    );
  });

  it('throws nothing but ProtocolError at valid messages with a few bytes changed', () => {
    const { client, dataChannel } = sampleMessages();
    const valid = [
      ...client.map(encodeClientMessage),
      ...dataChannel.map(encodeDataChannelMessage),
      ...client.flatMap(({ type, data }) => (type === 'rtc' ? [data.data] : [])),
    ];
    const change = fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.constantFrom(...valid), fc.array(change, { maxLength: 4 }), (bytes, changes) => {
        const changed = Uint8Array.from(bytes);
        for (const [at, byte] of changes) if (at < changed.length) changed[at] = byte;
        codeOf(decode, changed);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('headers that claim more than there is', () => {
  it.each([
    ['str 32 of 4 GiB', 'db ff ff ff ff'],
    ['bin 32 of 4 GiB', 'c6 ff ff ff ff'],
    ['ext 32 of 4 GiB', 'c9 ff ff ff ff 01'],
    ['array 32 of 4 billion', 'dd ff ff ff ff'],
    ['map 32 of 4 billion', 'df ff ff ff ff'],
    ['array 16 in array 16 in array 16', 'dc ff ff dc ff ff dc ff ff'],
    ['bin 8 without its length', 'c4'],
    ['bin 16 with half its length', 'c5 01'],
    ['float 64 of 7 bytes', 'cb 00 00 00 00 00 00 00'],
    ['fixext 16 of 15 bytes', 'd8 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00'],
  ])('%s', (_, text) => {
    expect(codeOf(decodeClientMessage, concat(TYPE, hex(text)))).toBe('invalid_message');
    expect(codeOf(decodeDataChannelMessage, concat(hex('03'), hex(text)))).toBe('invalid_message');
  });
});

describe('more than is allowed', () => {
  it.each([
    ['arrays nested 100,000 deep', new Uint8Array(100_000).fill(0x91)],
    ['maps nested 50,000 deep', Uint8Array.from({ length: 100_000 }, (_, at) => (at % 2 === 0 ? 0x81 : 0xa0))],
    ['a million top-level values', new Uint8Array(1_000_000)],
    ['an array of 65,536 values', concat(hex('dd 00 01 00 00'), new Uint8Array(65_536))],
    ['a message above 1 MiB', concat(hex('c6 00 10 00 00'), new Uint8Array(MAX_MESSAGE_BYTES))],
  ])('%s', (_, bytes) => {
    expect(codeOf(decodeClientMessage, concat(TYPE, bytes))).toBe('too_large');
    expect(codeOf(decodeDataChannelMessage, concat(SDP, bytes))).toBe('too_large');
    expect(codeOf(decodeDataChannelMessage, concat(MEDIA_MAP, bytes))).toBe('too_large');
  });

  it('a client message with more keys than any has', () => {
    const leave = (keys: number) => {
      const unknown = Array.from({ length: keys }, (_, key) => [0xcd, key >> 8, key & 0xff, 0xc0]).flat();
      const sessionID = hex('a9 73 65 73 73 69 6f 6e 49 44 a1 73');
      return concat(
        TYPE,
        hex('de'),
        Uint8Array.of((keys + 1) >> 8, (keys + 1) & 0xff),
        sessionID,
        Uint8Array.from(unknown),
      );
    };
    expect(codeOf(decodeClientMessage, leave(120))).toBeUndefined();
    expect(codeOf(decodeClientMessage, leave(130))).toBe('too_large');
  });

  it('a message that names a session by more bytes than ids can have', () => {
    const message = (type: 'leave' | 'rtc', unknown: number) =>
      concat(
        encodeValues([type]),
        encodeValues([{ session_id: 's', sessionID: 's', type: 3, x: 'x'.repeat(unknown) }]),
      );
    expect(codeOf(decodeClientMessage, message('leave', 60_000))).toBeUndefined();
    expect(codeOf(decodeClientMessage, message('leave', 66_000))).toBe('too_large');
    expect(codeOf(decodeClientMessage, message('rtc', 66_000))).toBeUndefined();
  });

  it('data of a message whose type is all that is read', () => {
    expect(clientMessageType(concat(encodeValues(['vad']), hex('df ff ff ff ff')))).toBe('vad');
    expect(codeOf(clientMessageType, encodeValues(['x'.repeat(100_000)]))).toBe('invalid_message');
    expect(codeOf(clientMessageType, hex('db ff ff ff ff'))).toBe('invalid_message');
    expect(codeOf(clientMessageType, new Uint8Array())).toBe('invalid_message');
  });

  it('a large map where a data channel message has one value', () => {
    const entry = hex('a1 31 82 a4 74 79 70 65 a5 76 6f 69 63 65 a9 73 65 6e 64 65 72 5f 69 64 a1 73'); // "1": a voice of "s"
    const map = concat(hex('de 25 1c'), ...Array.from({ length: 9_500 }, () => entry));
    expect(codeOf(decodeDataChannelMessage, concat(MEDIA_MAP, map))).toBeUndefined();
    for (const type of [1, 2, 3, 4, 5, 6, 7, 8]) {
      expect(codeOf(decodeDataChannelMessage, concat(Uint8Array.of(type), map))).toBe('too_large');
    }
  });

  it('bytes after an unknown type, of which none is read', () => {
    expect(() => decodeDataChannelMessage(concat(hex('0a'), new Uint8Array(60_000).fill(0x91)))).toThrow(
      'unknown data channel message type',
    );
  });

  it('an id above 1024 characters', () => {
    const leave = (length: number) => encodeClientMessage({ type: 'leave', data: { sessionID: 'x'.repeat(length) } });
    expect(codeOf(decodeClientMessage, leave(1024))).toBeUndefined();
    expect(codeOf(decodeClientMessage, leave(1025))).toBe('invalid_message');
  });

  it('depth 8 passes, depth 9 does not', () => {
    const leave = (depth: number) =>
      concat(
        TYPE,
        hex('82 a9 73 65 73 73 69 6f 6e 49 44 a1 73 a1 78'), // {"sessionID": "s", "x":
        new Uint8Array(depth - 1).fill(0x91),
        hex('c0'),
      );
    expect(codeOf(decodeClientMessage, leave(8))).toBeUndefined();
    expect(codeOf(decodeClientMessage, leave(9))).toBe('too_large');
  });

  it('writing a message above 1 MiB', () => {
    const [rtc] = sampleMessages().client.filter(({ type }) => type === 'rtc');
    const message = { ...rtc, data: { ...rtc?.data, data: new Uint8Array(MAX_MESSAGE_BYTES) } };
    expect(() => encodeClientMessage(message as typeof rtc & object)).toThrow(
      expect.objectContaining({ code: 'too_large' }),
    );
  });
});

describe('compressed session descriptions', () => {
  const sdpMessage = (compressed: Uint8Array) => {
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, compressed.length);
    return concat(hex('03 c6'), length, compressed); // bin 32
  };
  /** JSON of exactly `size` bytes. */
  const json = (size: number) => {
    const frame = encodeJson({ type: 'offer', sdp: '' }).length;
    return encodeJson({ type: 'offer', sdp: 'x'.repeat(size - frame) });
  };

  it('may inflate to 1 MiB and not a byte more', () => {
    const largest = sdpMessage(deflateSync(json(MAX_SESSION_DESCRIPTION_BYTES)));
    const bomb = sdpMessage(deflateSync(json(MAX_SESSION_DESCRIPTION_BYTES + 1)));
    expect(codeOf(decodeDataChannelMessage, largest)).toBeUndefined();
    expect(codeOf(decodeDataChannelMessage, bomb)).toBe('too_large');
  });

  it('stop inflating a bomb of 64 MiB in 64 KiB', () => {
    const bomb = sdpMessage(deflateSync(new Uint8Array(64 * 1024 * 1024), { level: 9 }));
    expect(bomb.length).toBeLessThan(100_000);
    expect(codeOf(decodeDataChannelMessage, bomb)).toBe('too_large');
  });

  it('are rejected when truncated anywhere', () => {
    const compressed = deflateSync(json(500));
    for (let length = 0; length < compressed.length; length++) {
      expect(codeOf(decodeDataChannelMessage, sdpMessage(compressed.subarray(0, length)))).toBe('invalid_message');
    }
  });
});

describe('JSON payloads', () => {
  it.each([
    ['not UTF-8', decodeSessionDescription, latin1('{"type":"offer","sdp":"\xff"}'), 'invalid_message'],
    ['not JSON', decodeSessionDescription, latin1('{"type":"offer","sdp":}'), 'invalid_message'],
    ['not an object', decodeSessionDescription, encodeJson(['offer', 'v=0']), 'invalid_message'],
    ['rollback', decodeSessionDescription, encodeJson({ type: 'rollback', sdp: 'v=0' }), 'invalid_message'],
    ['without SDP', decodeSessionDescription, encodeJson({ type: 'offer' }), 'invalid_message'],
    ['empty SDP', decodeSessionDescription, encodeJson({ type: 'offer', sdp: '' }), 'invalid_message'],
    ['nested a million deep', decodeSessionDescription, new Uint8Array(1_000_000).fill(0x5b), 'invalid_message'],
    ['above 1 MiB', decodeSessionDescription, new Uint8Array(MAX_SESSION_DESCRIPTION_BYTES + 1), 'too_large'],
    ['a long candidate', decodeIceCandidate, encodeJson({ candidate: 'x'.repeat(8 * 1024) }), 'too_large'],
    ['a candidate that is a number', decodeIceCandidate, encodeJson({ candidate: 1 }), 'invalid_message'],
    ['a line index of -1', decodeIceCandidate, encodeJson({ candidate: '', sdpMLineIndex: -1 }), 'invalid_message'],
    [
      'a line index of 65536',
      decodeIceCandidate,
      encodeJson({ candidate: '', sdpMLineIndex: 65_536 }),
      'invalid_message',
    ],
    [
      'a long ufrag',
      decodeIceCandidate,
      encodeJson({ candidate: '', usernameFragment: 'x'.repeat(257) }),
      'invalid_message',
    ],
    ['another type', decodeIceCandidate, encodeJson({ type: 'x', candidate: { candidate: '' } }), 'invalid_message'],
    ['an empty screen', decodeScreenOn, encodeJson({ screenStreamID: '' }), 'invalid_message'],
    ['a screen under another name', decodeScreenOn, encodeJson({ videoStreamID: 's' }), 'invalid_message'],
    ['a long video', decodeVideoOn, encodeJson({ videoStreamID: 'x'.repeat(1025) }), 'invalid_message'],
    ['nothing', decodeVideoOn, new Uint8Array(), 'invalid_message'],
  ] as const)('%s', (_, decode, bytes, code) => {
    expect(codeOf(decode, bytes)).toBe(code);
  });

  it('errors do not quote the input', () => {
    const secret = encodeJson({ type: 'hunter2', sdp: 'hunter2' });
    expect(() => decodeSessionDescription(secret)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('hunter2') }),
    );
  });
});
