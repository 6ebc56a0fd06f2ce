import { createHash, createSecretKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  IPV4_RESPONSE,
  IPV6_RESPONSE,
  LONG_TERM_PASSWORD,
  LONG_TERM_REALM,
  LONG_TERM_REQUEST,
  LONG_TERM_USERNAME,
  PASSWORD,
  REQUEST,
  TRANSACTION_ID,
} from '../../test/vectors/rfc5769.ts';
import { LENGTH_OFFSET, STUN_HEADER_SIZE } from './attributes.ts';
import { parseBindingResponse } from './binding.ts';
import { computeFingerprint } from './fingerprint.ts';
import { shortTermKey, verifyIntegrity } from './integrity.ts';
import { localUfragOf } from './local-ufrag.ts';
import { parseStunMessage } from './message.ts';
import { writeStunMessage } from './write.ts';

const key = shortTermKey(PASSWORD);
const longTermKey = createSecretKey(
  createHash('md5').update(`${LONG_TERM_USERNAME}:${LONG_TERM_REALM}:${LONG_TERM_PASSWORD}`).digest(),
);

const vectors = [
  { name: '2.1 request', bytes: REQUEST, key },
  { name: '2.2 IPv4 response', bytes: IPV4_RESPONSE, key },
  { name: '2.3 IPv6 response', bytes: IPV6_RESPONSE, key },
  { name: '2.4 long-term request', bytes: LONG_TERM_REQUEST, key: longTermKey },
];

/** Changes one byte, then makes the checksum right again, so that only the integrity can notice. */
function forge(vector: Buffer, at: number): Buffer {
  const forged = Buffer.from(vector);
  forged[at]! ^= 1;
  const fingerprint = forged.length - 8;
  forged.writeUInt32BE(computeFingerprint(forged, fingerprint), fingerprint + 4);
  return forged;
}

describe('RFC 5769', () => {
  it('reads the sample request', () => {
    const message = parseStunMessage(REQUEST);
    expect(message).toMatchObject({
      messageClass: 'request',
      method: 1,
      transactionId: TRANSACTION_ID,
      username: 'evtj:h6vY',
      priority: 0x6e0001ff,
      iceControlled: 0x932ff9b151263b36n,
      hasFingerprint: true,
      unknownRequired: [],
    });
    expect(message?.useCandidate).toBeUndefined();
    expect(localUfragOf(REQUEST)).toBe('evtj');
  });

  it('reads the sample responses', () => {
    expect(parseStunMessage(IPV4_RESPONSE)).toMatchObject({
      messageClass: 'success',
      xorMappedAddress: { address: '192.0.2.1', port: 32853 },
    });
    expect(parseStunMessage(IPV6_RESPONSE)).toMatchObject({
      messageClass: 'success',
      xorMappedAddress: { address: '2001:db8:1234:5678:11:2233:4455:6677', port: 32853 },
    });
    expect(parseBindingResponse(IPV4_RESPONSE, TRANSACTION_ID)).toEqual({ address: '192.0.2.1', port: 32853 });
  });

  it('reads the sample request with long-term credentials', () => {
    expect(parseStunMessage(LONG_TERM_REQUEST)).toMatchObject({ username: LONG_TERM_USERNAME, hasFingerprint: false });
  });

  it.each(vectors)('verifies $name, and no other password does', ({ bytes, key }) => {
    const offset = parseStunMessage(bytes)?.integrityOffset ?? -1;
    const before = Buffer.from(bytes);
    expect(verifyIntegrity(bytes, offset, key)).toBe(true);
    expect(verifyIntegrity(bytes, offset, shortTermKey(`${PASSWORD}x`))).toBe(false);
    expect(bytes).toEqual(before);
  });

  it.each(vectors.slice(0, 3))('writes again what $name says', ({ bytes, key }) => {
    const message = parseStunMessage(bytes)!;
    const written = writeStunMessage(message, key);
    const again = parseStunMessage(written)!;
    expect({ ...again, integrityOffset: 0 }).toEqual({ ...message, integrityOffset: 0 });
    expect(verifyIntegrity(written, again.integrityOffset, key)).toBe(true);
  });

  it.each(vectors)('refuses $name truncated at every length', ({ bytes }) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(parseStunMessage(bytes.subarray(0, length))).toBeUndefined();
      expect(localUfragOf(bytes.subarray(0, length))).toBeUndefined();
    }
  });

  it.each(vectors)(
    'never accepts $name as authentic when truncated under a matching length field',
    ({ bytes, key }) => {
      for (let length = STUN_HEADER_SIZE; length < bytes.length - 8; length += 4) {
        const cut = Buffer.from(bytes.subarray(0, length));
        cut.writeUInt16BE(length - STUN_HEADER_SIZE, LENGTH_OFFSET);
        const message = parseStunMessage(cut);
        expect(message !== undefined && verifyIntegrity(cut, message.integrityOffset, key)).toBe(
          bytes === LONG_TERM_REQUEST && length === bytes.length,
        );
      }
    },
  );

  it.each(vectors.slice(0, 3))('notices any changed byte of $name by its checksum', ({ bytes }) => {
    const fingerprintType = bytes.length - 8;
    for (let at = 0; at < bytes.length; at++) {
      if (at === fingerprintType || at === fingerprintType + 1) continue; // without the attribute there is no checksum
      const changed = Buffer.from(bytes);
      changed[at]! ^= 0x10;
      expect(parseStunMessage(changed)).toBeUndefined();
    }
  });

  it.each(vectors.slice(0, 3))('notices any changed byte of $name by its integrity', ({ bytes, key }) => {
    for (let at = 0; at < bytes.length - 8; at++) {
      const forged = forge(bytes, at);
      const message = parseStunMessage(forged);
      expect(message !== undefined && verifyIntegrity(forged, message.integrityOffset, key)).toBe(false);
    }
  });
});
