import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  LONG_TERM_PASSWORD,
  LONG_TERM_REALM,
  LONG_TERM_REQUEST,
  LONG_TERM_USERNAME,
} from '../../test/vectors/rfc5769.ts';
import { INTEGRITY_SHA256, REQUEST_BEFORE_INTEGRITY } from '../../test/vectors/rfc8489.ts';
import { verifyIntegrity } from '../stun/integrity.ts';
import { type WrittenAttribute, writeAttributes } from '../stun/write.ts';
import { LongTermCredentials, longTermKey, MD5, SHA_256 } from './long-term-credentials.ts';
import { parseTurnMessage, type TurnFields, turnAttributes } from './message.ts';

const ID = Buffer.alloc(12, 7);
const CREDENTIALS = { username: 'u', credential: 'p' };
const OFFERED = Buffer.from([0, SHA_256, 0, 0, 0, MD5, 0, 0]);

function challenge(fields: TurnFields) {
  const header = { messageClass: 'error', method: 3, transactionId: ID } as const;
  const error: WrittenAttribute = [9, Buffer.from([0, 0, 4, 1])];
  return parseTurnMessage(writeAttributes(header, [error, ...turnAttributes(fields, ID)]))!;
}

describe('keys', () => {
  it('are those of the sample with MD5 (RFC 5769 section 2.4)', () => {
    const key = longTermKey(LONG_TERM_USERNAME, LONG_TERM_REALM, LONG_TERM_PASSWORD, MD5);
    expect(verifyIntegrity(LONG_TERM_REQUEST, parseTurnMessage(LONG_TERM_REQUEST)!.integrityOffset, key)).toBe(true);
  });

  it('are those of the sample with SHA-256 (RFC 8489 appendix B.1)', () => {
    const key = longTermKey(LONG_TERM_USERNAME, LONG_TERM_REALM, LONG_TERM_PASSWORD, SHA_256);
    expect(createHmac('sha256', key).update(REQUEST_BEFORE_INTEGRITY).digest()).toEqual(INTEGRITY_SHA256);
  });
});

describe('long-term credentials', () => {
  it('sign nothing before the server asks', () => {
    const credentials = new LongTermCredentials(CREDENTIALS);
    expect(credentials.key).toBeUndefined();
    expect([...credentials.attributes()]).toEqual([]);
  });

  it('answer with realm and nonce, signed by HMAC-SHA1', () => {
    const credentials = new LongTermCredentials(CREDENTIALS);
    expect(credentials.take(challenge({ realm: 'r', nonce: Buffer.from('n') }))).toBe(true);
    expect(credentials.hash).toBe('sha1');
    expect([...credentials.attributes()].map(([type]) => type)).toEqual([0x06, 0x14, 0x15]);
  });

  it('repeat the list of algorithms and name the one they use, the first that is known', () => {
    const credentials = new LongTermCredentials(CREDENTIALS);
    const unknownFirst = Buffer.concat([Buffer.from([0x12, 0x34, 0, 2, 1, 1, 0, 0]), OFFERED]);
    const nonce = Buffer.from('obMatJos2gAAAx');
    expect(credentials.take(challenge({ realm: 'r', nonce, passwordAlgorithms: unknownFirst }))).toBe(true);
    expect(credentials.hash).toBe('sha256');
    const attributes = new Map(credentials.attributes());
    expect(attributes.get(0x8002)).toEqual(unknownFirst);
    expect(attributes.get(0x001d)).toEqual(Buffer.from([0, SHA_256, 0, 0]));
  });

  it('take a new nonce without a realm for the realm before', () => {
    const credentials = new LongTermCredentials(CREDENTIALS);
    credentials.take(challenge({ realm: 'r', nonce: Buffer.from('n') }));
    expect(credentials.take(challenge({ nonce: Buffer.from('m') }))).toBe(true);
    expect(new Map(credentials.attributes()).get(0x0015)).toEqual(Buffer.from('m'));
  });

  it.each<[string, TurnFields]>([
    ['without a realm', { nonce: Buffer.from('n') }],
    ['without a nonce', { realm: 'r' }],
    ['with an empty nonce', { realm: 'r', nonce: Buffer.alloc(0) }],
    ['from which an attacker removed the list of algorithms', { realm: 'r', nonce: Buffer.from('obMatJos2gAAAx') }],
    [
      'with unknown algorithms only',
      { realm: 'r', nonce: Buffer.from('n'), passwordAlgorithms: Buffer.from([9, 9, 0, 0]) },
    ],
    ['with a list that is cut off', { realm: 'r', nonce: Buffer.from('n'), passwordAlgorithms: Buffer.from([0]) }],
    ['that would not fit into a request', { realm: 'r'.repeat(400), nonce: Buffer.alloc(400, 65) }],
  ])('refuse a challenge %s', (_name, fields) => {
    const credentials = new LongTermCredentials(CREDENTIALS);
    expect(credentials.take(challenge(fields))).toBe(false);
    expect(credentials.key).toBeUndefined();
  });
});
