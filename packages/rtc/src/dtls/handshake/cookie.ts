import { createHmac, createSecretKey, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Random } from '../../ports.ts';
import { type ClientHello, writeHelloVerifyRequest } from '../messages/client-hello.ts';
import { HandshakeType, writeHandshakeMessage } from '../messages/handshake-message.ts';
import { ContentType, DTLS_1_0, writePlainRecord } from '../record/record.ts';
import { uint16, uint16List, vector8 } from '../vectors.ts';

const SECRET_SIZE = 32;
/** Enough against guessing, and below the 32 bytes that DTLS 1.0 clients stop at. */
const COOKIE_SIZE = 20;

/**
 * Makes and checks the cookies of HelloVerifyRequests (RFC 6347 section 4.2.1): a keyed hash of the client's parameters, so that
 * nothing is kept for a client before it has shown that it gets what is sent to it. One jar per connection binds the
 * cookie to the peer's address as well.
 */
export class CookieJar {
  readonly #secret: KeyObject;

  constructor(random: Random) {
    this.#secret = createSecretKey(random(SECRET_SIZE));
  }

  cookieFor(hello: ClientHello): Buffer {
    const mac = createHmac('sha256', this.#secret)
      .update(uint16(hello.version))
      .update(hello.random)
      .update(vector8(hello.sessionId))
      .update(uint16List(hello.cipherSuites))
      .update(vector8(hello.compressionMethods));
    return mac.digest().subarray(0, COOKIE_SIZE);
  }

  isValid(hello: ClientHello): boolean {
    return hello.cookie.length === COOKIE_SIZE && timingSafeEqual(hello.cookie, this.cookieFor(hello));
  }
}

/**
 * HelloVerifyRequest as a record. Both numbers are those of the ClientHello: there is no state that could count (RFC 6347
 * section 4.2.1). That section has it say 1.0 whatever will be negotiated: some clients would ignore it otherwise.
 */
export function writeCookieRequest(cookie: Uint8Array, messageSeq: number, sequence: number): Buffer {
  const body = writeHelloVerifyRequest(DTLS_1_0, cookie);
  return writePlainRecord(
    { contentType: ContentType.handshake, version: DTLS_1_0, epoch: 0, sequence },
    writeHandshakeMessage(HandshakeType.helloVerifyRequest, messageSeq, body),
  );
}
