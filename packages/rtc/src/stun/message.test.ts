import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RawAttribute, rawStunMessage } from '../../test/raw-stun-message.ts';
import { LENGTH_OFFSET, STUN_HEADER_SIZE } from './attributes.ts';
import { parseBindingResponse, writeBindingRequest } from './binding.ts';
import { computeFingerprint } from './fingerprint.ts';
import { shortTermKey, verifyIntegrity } from './integrity.ts';
import { localUfragOf } from './local-ufrag.ts';
import { parseStunMessage, STUN_CLASSES, type StunFields } from './message.ts';
import { writeStunMessage } from './write.ts';

const TRANSACTION_ID = Buffer.from('0123456789ab');
const key = shortTermKey('password-of-22-letters');

const ipAddress = fc.oneof(fc.ipV4(), fc.constantFrom('2001:db8::1', 'fe80::1:2', '::1'));
const fields: fc.Arbitrary<StunFields> = fc.record(
  {
    messageClass: fc.constantFrom(...STUN_CLASSES),
    method: fc.integer({ min: 0, max: 0xfff }),
    transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }).map((bytes) => Buffer.from(bytes)),
    username: fc.string({ maxLength: 100, unit: 'grapheme-ascii' }),
    priority: fc.integer({ min: 0, max: 0xffffffff }),
    useCandidate: fc.constant(true),
    iceControlling: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
    iceControlled: fc.bigInt({ min: 0n, max: 0xffffffffffffffffn }),
    xorMappedAddress: fc.record({ address: ipAddress, port: fc.integer({ min: 0, max: 0xffff }) }),
    errorCode: fc.record({ code: fc.integer({ min: 300, max: 699 }), reason: fc.string({ maxLength: 30 }) }),
    unknownAttributes: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 }),
  },
  { requiredKeys: ['messageClass', 'method', 'transactionId'] },
);

describe('parseStunMessage', () => {
  it('reads what writeStunMessage wrote', () => {
    fc.assert(
      fc.property(fields, fc.boolean(), (expected, signed) => {
        const written = writeStunMessage(expected, signed ? key : undefined);
        const message = parseStunMessage(written)!;
        expect(message).toMatchObject(expected);
        expect(verifyIntegrity(written, message.integrityOffset, key)).toBe(signed);
      }),
    );
  });

  it('survives random bytes behind a valid header', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1600 }), fc.integer({ min: 0, max: 0x3fff }), (body, type) => {
        const datagram = rawStunMessage([], type);
        const whole = Buffer.concat([datagram, body.subarray(0, body.length & ~3)]);
        whole.writeUInt16BE(whole.length - STUN_HEADER_SIZE, LENGTH_OFFSET);
        const message = parseStunMessage(whole);
        localUfragOf(whole);
        expect(message === undefined || message.integrityOffset < whole.length).toBe(true);
      }),
    );
  });

  it('survives random datagrams', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(parseStunMessage(Buffer.from(bytes))).toBeUndefined();
        expect(localUfragOf(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });

  it('collects unknown attributes only where comprehension is required', () => {
    const message = parseStunMessage(
      rawStunMessage([
        [0x7001, Buffer.alloc(3)],
        [0xc057, Buffer.alloc(4)],
        [0x0003, Buffer.alloc(0)],
      ]),
    );
    expect(message?.unknownRequired).toEqual([0x7001, 0x0003]);
  });

  it('counts the first of two attributes of a kind', () => {
    const message = parseStunMessage(
      rawStunMessage([
        [0x0024, Buffer.from('00000001', 'hex')],
        [0x0024, Buffer.from('00000002', 'hex')],
      ]),
    );
    expect(message?.priority).toBe(1);
  });

  it('ignores what follows MESSAGE-INTEGRITY, which does not cover it', () => {
    const message = parseStunMessage(
      rawStunMessage([
        [0x0008, Buffer.alloc(20)],
        [0x0025, Buffer.alloc(0)],
        [0x7001, Buffer.alloc(0)],
      ]),
    );
    expect(message?.useCandidate).toBeUndefined();
    expect(message?.unknownRequired).toEqual([]);
  });

  it.each<[string, readonly RawAttribute[]]>([
    ['a PRIORITY of 3 bytes', [[0x0024, Buffer.alloc(3)]]],
    ['a USE-CANDIDATE with a value', [[0x0025, Buffer.alloc(4)]]],
    ['a tie-breaker of 4 bytes', [[0x802a, Buffer.alloc(4)]]],
    ['a tie-breaker of 12 bytes', [[0x8029, Buffer.alloc(12)]]],
    ['a MESSAGE-INTEGRITY of 16 bytes', [[0x0008, Buffer.alloc(16)]]],
    ['a FINGERPRINT of 8 bytes', [[0x8028, Buffer.alloc(8)]]],
    ['a wrong FINGERPRINT', [[0x8028, Buffer.alloc(4)]]],
    ['a user name of 509 bytes', [[0x0006, Buffer.alloc(509)]]],
    ['an ERROR-CODE of 3 bytes', [[0x0009, Buffer.alloc(3)]]],
    ['an error 299', [[0x0009, Buffer.from([0, 0, 2, 99])]]],
    ['an error 3xx with a number above 99', [[0x0009, Buffer.from([0, 0, 3, 100])]]],
    ['an odd UNKNOWN-ATTRIBUTES', [[0x000a, Buffer.alloc(3)]]],
    ['an address of no family', [[0x0020, Buffer.alloc(8)]]],
    ['an IPv6 address of 4 bytes', [[0x0020, Buffer.from([0, 2, 0, 0, 1, 2, 3, 4])]]],
    ['an IPv4 address of 16 bytes', [[0x0001, Buffer.from([0, 1, ...Buffer.alloc(18)])]]],
    ['an attribute that is longer than the message', [[0x7fff, Buffer.alloc(4), 5]]],
    ['an attribute of 65535 bytes', [[0x8022, Buffer.alloc(4), 0xffff]]],
  ])('refuses %s', (_, attributes) => {
    expect(parseStunMessage(rawStunMessage(attributes))).toBeUndefined();
  });

  it('refuses anything behind FINGERPRINT', () => {
    const fingerprint = Buffer.alloc(4);
    const behind: RawAttribute = [0x8022, Buffer.from('behind')];
    const message = rawStunMessage([[0x8028, fingerprint], behind]);
    const checksum = computeFingerprint(message, STUN_HEADER_SIZE);
    message.writeUInt32BE(checksum, STUN_HEADER_SIZE + 4);
    expect(parseStunMessage(message)).toBeUndefined();

    // Nothing but the order was wrong.
    const last = rawStunMessage([behind, [0x8028, fingerprint]]);
    last.writeUInt32BE(computeFingerprint(last, last.length - 8), last.length - 4);
    expect(parseStunMessage(last)?.hasFingerprint).toBe(true);
  });

  it('refuses more bytes than an Ethernet frame holds', () => {
    expect(parseStunMessage(rawStunMessage([[0x8022, Buffer.alloc(1476)]]))).toBeDefined();
    expect(parseStunMessage(rawStunMessage([[0x8022, Buffer.alloc(1480)]]))).toBeUndefined();
  });
});

describe('localUfragOf', () => {
  const request = (username: string) => writeBindingRequest(TRANSACTION_ID, { username, priority: 1 });

  it("finds the receiver's half of the user name", () => {
    expect(localUfragOf(request('local:remote'))).toBe('local');
    expect(
      localUfragOf(
        rawStunMessage([
          [0x8022, Buffer.from('abc')],
          [0x0006, Buffer.from('x:')],
        ]),
      ),
    ).toBe('x');
  });

  it('finds nothing where there is none', () => {
    expect(localUfragOf(request('nocolon'))).toBeUndefined();
    expect(localUfragOf(request(':remote'))).toBeUndefined();
    expect(localUfragOf(rawStunMessage([[0x0006, Buffer.from('a:b'), 99]]))).toBeUndefined();
    expect(
      localUfragOf(
        rawStunMessage([
          [0x0006, Buffer.from('abcd')],
          [0x8022, Buffer.from(':')],
        ]),
      ),
    ).toBeUndefined();
    expect(localUfragOf(rawStunMessage([]))).toBeUndefined();
  });
});

describe('asking a STUN server', () => {
  const response = (transactionId: Uint8Array, address: object) =>
    writeStunMessage({ messageClass: 'success', method: 1, transactionId, ...address });
  const xorMappedAddress = { address: '198.51.100.7', port: 8443 };

  it('writes a plain Binding request', () => {
    const request = parseStunMessage(writeBindingRequest(TRANSACTION_ID));
    expect(request).toMatchObject({ messageClass: 'request', method: 1, integrityOffset: -1, unknownRequired: [] });
  });

  it('accepts only the answer to its own request', () => {
    expect(parseBindingResponse(response(TRANSACTION_ID, { xorMappedAddress }), TRANSACTION_ID)).toEqual(
      xorMappedAddress,
    );
    const other = Buffer.from('ba9876543210');
    expect(parseBindingResponse(response(other, { xorMappedAddress }), TRANSACTION_ID)).toBeUndefined();
    expect(parseBindingResponse(response(TRANSACTION_ID, {}), TRANSACTION_ID)).toBeUndefined();
    expect(parseBindingResponse(writeBindingRequest(TRANSACTION_ID), TRANSACTION_ID)).toBeUndefined();
  });

  it('accepts MAPPED-ADDRESS from an old server', () => {
    const old = rawStunMessage([[0x0001, Buffer.from('000120fbc6336407', 'hex')]], 0x0101);
    expect(parseBindingResponse(old, Buffer.alloc(12))).toEqual(xorMappedAddress);
  });

  it('distinguishes a bug of ours from bad input', () => {
    expect(() => response(TRANSACTION_ID, { xorMappedAddress: { address: 'example.org', port: 1 } })).toThrow(
      RangeError,
    );
  });
});
