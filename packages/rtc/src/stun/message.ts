import { parseMappedAddress, parseXorMappedAddress, type TransportAddress } from './address.ts';
import {
  ATTRIBUTE_HEADER_SIZE,
  COMPREHENSION_OPTIONAL,
  COOKIE_OFFSET,
  LENGTH_OFFSET,
  MAGIC_COOKIE,
  MAX_STUN_MESSAGE_SIZE,
  MAX_USERNAME_SIZE,
  paddedSize,
  STUN_HEADER_SIZE,
  StunAttribute,
  TRANSACTION_ID_OFFSET,
} from './attributes.ts';
import { computeFingerprint } from './fingerprint.ts';
import { INTEGRITY_SIZES } from './integrity.ts';

export type StunClass = 'request' | 'indication' | 'success' | 'error';

/** Classes in the order of their two bits C1 C0. */
export const STUN_CLASSES: readonly StunClass[] = ['request', 'indication', 'success', 'error'];

/** Contents of a message, for reading and for writing. */
export interface StunFields {
  readonly messageClass: StunClass;
  /** 12 bits; 1 is Binding. */
  readonly method: number;
  /** 12 bytes. */
  readonly transactionId: Uint8Array;
  readonly username?: string;
  readonly priority?: number;
  readonly useCandidate?: boolean;
  /** The sender's tie-breaker, 64 bits. */
  readonly iceControlling?: bigint;
  /** As above. */
  readonly iceControlled?: bigint;
  readonly xorMappedAddress?: TransportAddress;
  /** Asks a server to answer from its other address and port (RFC 5780 section 7.2). Only ever written. */
  readonly changeRequest?: boolean;
  readonly errorCode?: { readonly code: number; readonly reason: string };
  /** Attributes that an error 420 lists as unknown. */
  readonly unknownAttributes?: readonly number[];
}

/** A well-formed message. Its claims are not trusted before `verifyIntegrity` succeeds. */
export interface StunMessage extends StunFields {
  /** Offset of the MESSAGE-INTEGRITY attribute; -1 if there is none. */
  readonly integrityOffset: number;
  readonly hasFingerprint: boolean;
  /** Attribute that servers older than RFC 5389 answer with. */
  readonly mappedAddress?: TransportAddress;
  /** Address from which a server answers a CHANGE-REQUEST (RFC 5780 section 7.4). */
  readonly otherAddress?: TransportAddress;
  /** Comprehension-required attributes that we do not know. */
  readonly unknownRequired: readonly number[];
}

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0|     STUN Message Type     |         Message Length        |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                         Magic Cookie                          |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                  Transaction ID (96 bits)                     |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// Message type: M11-M7 C1 M6-M4 C0 M3-M0.

/**
 * Reads a STUN message (RFC 8489 section 5), undefined for anything that is not exactly one. A wrong FINGERPRINT makes it
 * not one. The transaction id is a view into the borrowed datagram.
 */
export function parseStunMessage(datagram: Buffer): StunMessage | undefined {
  if (!hasStunHeader(datagram)) return undefined;

  const fields: Attributes = { integrityOffset: -1, hasFingerprint: false, unknownRequired: [] };
  const isRead = readAttributes(
    datagram,
    (offset, length) => !fields.hasFingerprint && readAttribute(fields, datagram, offset, length),
  );
  return isRead ? { ...fields, ...readStunHeader(datagram) } : undefined;
}

/** Class, method, and transaction id of a message with a STUN header. The id is borrowed from it. */
export function readStunHeader(datagram: Buffer): Pick<StunFields, 'messageClass' | 'method' | 'transactionId'> {
  const type = datagram.readUInt16BE(0);
  return {
    messageClass: STUN_CLASSES[((type >> 7) & 2) | ((type >> 4) & 1)]!,
    method: ((type >> 2) & 0xf80) | ((type >> 1) & 0x70) | (type & 0xf),
    transactionId: transactionIdOf(datagram),
  };
}

/**
 * Passes the attributes of a message with a STUN header to `read`, each as the offset of its own header and the length of its value. Returns false if
 * one reaches beyond the end of the message, or as soon as `read` does.
 */
export function readAttributes(datagram: Buffer, read: (offset: number, length: number) => boolean): boolean {
  for (let offset = STUN_HEADER_SIZE; offset < datagram.length; ) {
    if (datagram.length - offset < ATTRIBUTE_HEADER_SIZE) return false;
    const start = offset + ATTRIBUTE_HEADER_SIZE;
    const length = datagram.readUInt16BE(offset + LENGTH_OFFSET);
    if (paddedSize(length) > datagram.length - start || !read(offset, length)) return false;
    offset = start + paddedSize(length);
  }
  return true;
}

/** The transaction id of a message with a STUN header, borrowed from it. */
export const transactionIdOf = (datagram: Buffer): Buffer => datagram.subarray(TRANSACTION_ID_OFFSET, STUN_HEADER_SIZE);

/** Reports whether the fixed header is a STUN header whose length field is that of the datagram. */
export function hasStunHeader(datagram: Buffer): boolean {
  return (
    datagram.length >= STUN_HEADER_SIZE &&
    datagram.length <= MAX_STUN_MESSAGE_SIZE &&
    datagram.length % 4 === 0 &&
    datagram[0]! < 0x40 &&
    datagram.readUInt16BE(LENGTH_OFFSET) === datagram.length - STUN_HEADER_SIZE &&
    datagram.readUInt32BE(COOKIE_OFFSET) === MAGIC_COOKIE
  );
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Attributes = Mutable<Omit<StunMessage, 'messageClass' | 'method' | 'transactionId' | 'unknownRequired'>> & {
  readonly unknownRequired: number[];
};

/**
 * Takes one attribute in, false if it is malformed. Of two of a kind the first counts, and what follows
 * MESSAGE-INTEGRITY is not covered by it, so that it is passed over, FINGERPRINT excepted (RFC 8489 sections 14 and 14.5).
 */
function readAttribute(fields: Attributes, message: Buffer, offset: number, length: number): boolean {
  const type = message.readUInt16BE(offset);
  if (fields.integrityOffset >= 0 && type !== StunAttribute.fingerprint) return true;

  const start = offset + ATTRIBUTE_HEADER_SIZE;
  const value = message.subarray(start, start + length);
  switch (type) {
    case StunAttribute.username:
      if (length > MAX_USERNAME_SIZE) return false;
      fields.username ??= value.toString('utf8');
      return true;
    case StunAttribute.messageIntegrity:
      fields.integrityOffset = offset;
      return length === INTEGRITY_SIZES.sha1;
    case StunAttribute.fingerprint:
      fields.hasFingerprint = true;
      return length === 4 && value.readUInt32BE(0) === computeFingerprint(message, offset);
    case StunAttribute.priority:
      if (length !== 4) return false;
      fields.priority ??= value.readUInt32BE(0);
      return true;
    case StunAttribute.useCandidate:
      fields.useCandidate = true;
      return length === 0;
    case StunAttribute.iceControlling:
      if (length !== 8) return false;
      fields.iceControlling ??= value.readBigUInt64BE(0);
      return true;
    case StunAttribute.iceControlled:
      if (length !== 8) return false;
      fields.iceControlled ??= value.readBigUInt64BE(0);
      return true;
    case StunAttribute.xorMappedAddress: {
      const address = parseXorMappedAddress(value, message.subarray(COOKIE_OFFSET, STUN_HEADER_SIZE));
      fields.xorMappedAddress ??= address;
      return address !== undefined;
    }
    case StunAttribute.mappedAddress: {
      const address = parseMappedAddress(value);
      fields.mappedAddress ??= address;
      return address !== undefined;
    }
    case StunAttribute.otherAddress:
      fields.otherAddress ??= parseMappedAddress(value);
      return true;
    case StunAttribute.errorCode:
      fields.errorCode ??= parseErrorCode(value);
      return fields.errorCode !== undefined;
    case StunAttribute.unknownAttributes:
      if (length % 2 !== 0) return false;
      fields.unknownAttributes ??= Array.from({ length: length / 2 }, (_, index) => value.readUInt16BE(index * 2));
      return true;
    case StunAttribute.realm:
    case StunAttribute.nonce:
      return true;
    default:
      if (type < COMPREHENSION_OPTIONAL) fields.unknownRequired.push(type);
      return true;
  }
}

const ERROR_CLASS_OFFSET = 2;
const ERROR_NUMBER_OFFSET = 3;
const ERROR_REASON_OFFSET = 4;

/** Value of ERROR-CODE (RFC 8489 section 14.8): 21 bits reserved, the hundreds digit, the rest below 100, a reason phrase. */
export function parseErrorCode(value: Buffer): { code: number; reason: string } | undefined {
  if (value.length < ERROR_REASON_OFFSET) return undefined;
  const hundreds = value[ERROR_CLASS_OFFSET]! & 7;
  const rest = value[ERROR_NUMBER_OFFSET]!;
  if (hundreds < 3 || hundreds > 6 || rest > 99) return undefined;
  return { code: hundreds * 100 + rest, reason: value.toString('utf8', ERROR_REASON_OFFSET) };
}
