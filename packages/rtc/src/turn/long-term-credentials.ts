import { createHash, createSecretKey, type KeyObject } from 'node:crypto';
import { StunAttribute } from '../stun/attributes.ts';
import { type IntegrityHash, verifyIntegrity } from '../stun/integrity.ts';
import type { WrittenAttribute } from '../stun/write.ts';
import type { TurnCredentials } from './credentials.ts';
import type { TurnMessage } from './message.ts';

/** Password algorithms (RFC 8489 section 18.5). */
export const MD5 = 0x0001;
export const SHA_256 = 0x0002;

/** Nonces that begin so name the features of the server, in 24 bits as four characters of base64 (RFC 8489 section 9.2). */
const NONCE_COOKIE = 'obMatJos2';
const FEATURE_CHARACTERS = 4;
/** Bit 0, the leftmost of 24: the server has sent PASSWORD-ALGORITHMS. */
const HAS_PASSWORD_ALGORITHMS = 0x80_00_00;

/** Bytes of realm, nonce, and algorithms: together with the longest user name they leave room in a message. Servers use about a hundred. */
const MAX_CHALLENGE_SIZE = 700;

/** Challenge of a server, with the answer to it. */
interface Challenge {
  readonly realm: string;
  readonly nonce: Buffer;
  readonly key: KeyObject;
  readonly hash: IntegrityHash;
  /** Values of PASSWORD-ALGORITHMS and PASSWORD-ALGORITHM, if the server has sent the former. */
  readonly algorithms?: { readonly offered: Buffer; readonly chosen: Buffer };
}

/** The client's side of the long-term credential mechanism (RFC 8489 section 9.2). */
export class LongTermCredentials {
  readonly #credentials: TurnCredentials;
  #challenge: Challenge | undefined;

  constructor(credentials: TurnCredentials) {
    this.#credentials = credentials;
  }

  /** The key of requests, undefined as long as the server has not asked for any. */
  get key(): KeyObject | undefined {
    return this.#challenge?.key;
  }

  get hash(): IntegrityHash {
    return this.#challenge?.hash ?? 'sha1';
  }

  /** Attributes of a request in answer to the server's last challenge. */
  *attributes(): Generator<WrittenAttribute> {
    if (this.#challenge === undefined) return;
    const { realm, nonce, algorithms } = this.#challenge;
    yield [StunAttribute.username, Buffer.from(this.#credentials.username)];
    yield [StunAttribute.realm, Buffer.from(realm)];
    yield [StunAttribute.nonce, nonce];
    if (algorithms === undefined) return;
    yield [StunAttribute.passwordAlgorithms, algorithms.offered];
    yield [StunAttribute.passwordAlgorithm, algorithms.chosen];
  }

  /** Takes in realm and nonce of an error 401 or 438. Returns false if it has none, or asks for what we do not have. */
  take({ realm = this.#challenge?.realm, nonce, passwordAlgorithms }: TurnMessage): boolean {
    if (realm === undefined || nonce === undefined || nonce.length === 0) return false;
    const sizeBytes = Buffer.byteLength(realm) + nonce.length + (passwordAlgorithms?.length ?? 0);
    if (sizeBytes > MAX_CHALLENGE_SIZE) return false;
    // An attacker that wants the weaker algorithm to be used removes the list, but not from the nonce.
    if (passwordAlgorithms === undefined && announcesAlgorithms(nonce)) return false;
    const chosen = passwordAlgorithms ? choose(passwordAlgorithms) : MD5;
    if (chosen === undefined) return false;
    const { username, credential } = this.#credentials;
    this.#challenge = {
      realm,
      nonce: Buffer.from(nonce),
      key: longTermKey(username, realm, credential, chosen),
      hash: passwordAlgorithms ? 'sha256' : 'sha1',
      ...(passwordAlgorithms && {
        algorithms: { offered: Buffer.from(passwordAlgorithms), chosen: algorithmValue(chosen) },
      }),
    };
    return true;
  }

  /** Reports whether a response is signed with our key. False for one without a signature. */
  verify({ integrityOffset, integritySha256Offset }: TurnMessage, datagram: Buffer): boolean {
    if (this.#challenge === undefined) return false;
    const { key, hash } = this.#challenge;
    return verifyIntegrity(datagram, hash === 'sha256' ? integritySha256Offset : integrityOffset, key, hash);
  }
}

/** The key of long-term credentials (RFC 8489 sections 18.5.1.1 and 18.5.1.2). */
export function longTermKey(username: string, realm: string, password: string, algorithm: number): KeyObject {
  const hash = createHash(algorithm === SHA_256 ? 'sha256' : 'md5');
  return createSecretKey(hash.update(`${username}:${realm}:${password}`).digest());
}

function announcesAlgorithms(nonce: Buffer): boolean {
  const text = nonce.toString('latin1', 0, NONCE_COOKIE.length + FEATURE_CHARACTERS);
  if (!text.startsWith(NONCE_COOKIE) || text.length < NONCE_COOKIE.length + FEATURE_CHARACTERS) return false;
  const features = Buffer.from(text.slice(NONCE_COOKIE.length), 'base64');
  return features.length === 3 && (features.readUIntBE(0, 3) & HAS_PASSWORD_ALGORITHMS) !== 0;
}

/** The first algorithm of the server's list, which is in the order of its preference, that we have. */
function choose(offered: Buffer): number | undefined {
  for (let at = 0; at + 4 <= offered.length; ) {
    const algorithm = offered.readUInt16BE(at);
    if (algorithm === SHA_256 || algorithm === MD5) return algorithm;
    at += 4 + ((offered.readUInt16BE(at + 2) + 3) & ~3);
  }
  return undefined;
}

function algorithmValue(algorithm: number): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt16BE(algorithm, 0);
  return value;
}
