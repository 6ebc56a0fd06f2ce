import { describe, expect, it } from 'vitest';
import { DATAGRAMS } from '../../../test/vectors/openssl-dtls12.ts';
import { seededBytes } from '../../testing/seeded-random.ts';
import { parseClientHello, parseHelloVerifyRequest } from '../messages/client-hello.ts';
import { messageBody, parseHandshakeFragments } from '../messages/handshake-message.ts';
import { DTLS_1_0, parseRecords } from '../record/record.ts';
import { CookieJar, writeCookieRequest } from './cookie.ts';

const hello = parseClientHello(messageBody(parseRecords(DATAGRAMS.clientHello)[0]!.payload))!;

describe('CookieJar', () => {
  const jar = new CookieJar(seededBytes(1));
  const cookie = jar.cookieFor(hello);

  it('recognizes its own cookie, in the hello that it was made for', () => {
    expect(jar.isValid({ ...hello, cookie })).toBe(true);
    expect(jar.isValid({ ...hello, cookie, random: Buffer.alloc(32) })).toBe(false);
    expect(jar.isValid({ ...hello, cookie, cipherSuites: [0xc02b] })).toBe(false);
    expect(jar.isValid({ ...hello, cookie, sessionId: Buffer.of(1) })).toBe(false);
  });

  it('refuses cookies that are truncated, altered, missing, or of another jar', () => {
    for (let size = 0; size < cookie.length; size++) {
      expect(jar.isValid({ ...hello, cookie: cookie.subarray(0, size) })).toBe(false);
    }
    const altered = Buffer.from(cookie);
    altered[0]! ^= 1;
    expect(jar.isValid({ ...hello, cookie: altered })).toBe(false);
    expect(jar.isValid(hello)).toBe(false);
    expect(new CookieJar(seededBytes(2)).isValid({ ...hello, cookie })).toBe(false);
  });

  it("requests it under the hello's own numbers", () => {
    const [record] = parseRecords(writeCookieRequest(cookie, 2, 77));
    const [fragment] = parseHandshakeFragments(record!.payload);
    expect(record).toMatchObject({ epoch: 0, sequence: 77, version: DTLS_1_0 });
    expect(fragment!.messageSeq).toBe(2);
    expect(parseHelloVerifyRequest(fragment!.body)).toEqual(cookie);
  });
});
