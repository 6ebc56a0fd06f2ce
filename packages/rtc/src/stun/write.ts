import type { KeyObject } from 'node:crypto';
import { xorMappedAddressValue } from './address.ts';
import {
  ATTRIBUTE_HEADER_SIZE,
  COOKIE_OFFSET,
  LENGTH_OFFSET,
  MAGIC_COOKIE,
  MAX_STUN_MESSAGE_SIZE,
  paddedSize,
  STUN_HEADER_SIZE,
  StunAttribute,
  TRANSACTION_ID_OFFSET,
} from './attributes.ts';
import { computeFingerprint } from './fingerprint.ts';
import { computeIntegrity, type IntegrityHash } from './integrity.ts';
import { STUN_CLASSES, type StunFields } from './message.ts';

const FINGERPRINT_SIZE = 4;
/** Both flags of RFC 5780 section 7.2. */
const CHANGE_IP_AND_PORT = 0x06;
const NO_VALUE = Buffer.alloc(0);

/**
 * The bytes of a message, in a buffer of its own: the given fields, MESSAGE-INTEGRITY if there is a key, and FINGERPRINT,
 * which ICE requires on every message (RFC 8445 section 7.1.1). Throws `RangeError` if a mapped address is not an IP address.
 */
export function writeStunMessage(fields: StunFields, key?: KeyObject): Buffer {
  return writeAttributes(fields, attributesOf(fields, xorMaskOf(fields.transactionId)), key);
}

/** An attribute as written: its type and its value. */
export type WrittenAttribute = readonly [type: number, value: Buffer];

/** Fields that make up a message's header. */
export type StunHeader = Pick<StunFields, 'messageClass' | 'method' | 'transactionId'>;

/** The same of any attributes, which must fit into a message: for other uses of STUN than ICE. */
export function writeAttributes(
  header: StunHeader,
  attributes: Iterable<WrittenAttribute>,
  key?: KeyObject,
  hash: IntegrityHash = 'sha1',
): Buffer {
  const message = Buffer.alloc(MAX_STUN_MESSAGE_SIZE);
  writeHeader(header, message);

  let offset = STUN_HEADER_SIZE;
  for (const [type, value] of attributes) offset = writeAttribute(message, offset, type, value);
  if (key !== undefined) {
    offset = writeAttribute(message, offset, INTEGRITY_TYPES[hash], computeIntegrity(message, offset, key, hash));
  }

  const end = offset + ATTRIBUTE_HEADER_SIZE + FINGERPRINT_SIZE;
  message.writeUInt16BE(end - STUN_HEADER_SIZE, LENGTH_OFFSET);
  writeAttribute(message, offset, StunAttribute.fingerprint, uint32(computeFingerprint(message, offset)));
  return message.subarray(0, end);
}

const INTEGRITY_TYPES: Readonly<Record<IntegrityHash, number>> = {
  sha1: StunAttribute.messageIntegrity,
  sha256: StunAttribute.messageIntegritySha256,
};

/** Mask of XOR-MAPPED-ADDRESS and its like (RFC 8489 section 14.2): the magic cookie and the transaction id. */
export function xorMaskOf(transactionId: Uint8Array): Buffer {
  return Buffer.concat([uint32(MAGIC_COOKIE), transactionId]);
}

function writeHeader({ method, messageClass, transactionId }: StunHeader, message: Buffer): void {
  const classBits = STUN_CLASSES.indexOf(messageClass);
  const methodBits = ((method & 0xf80) << 2) | ((method & 0x70) << 1) | (method & 0xf);
  message.writeUInt16BE(methodBits | ((classBits & 2) << 7) | ((classBits & 1) << 4), 0);
  message.writeUInt32BE(MAGIC_COOKIE, COOKIE_OFFSET);
  message.set(transactionId, TRANSACTION_ID_OFFSET);
}

function writeAttribute(message: Buffer, offset: number, type: number, value: Buffer): number {
  const start = offset + ATTRIBUTE_HEADER_SIZE;
  message.writeUInt16BE(type, offset);
  message.writeUInt16BE(value.length, offset + 2);
  message.set(value, start);
  return start + paddedSize(value.length);
}

function* attributesOf(fields: StunFields, xorMask: Buffer): Generator<WrittenAttribute> {
  if (fields.errorCode !== undefined) {
    const { code, reason } = fields.errorCode;
    yield [StunAttribute.errorCode, Buffer.from([0, 0, Math.trunc(code / 100), code % 100, ...Buffer.from(reason)])];
  }
  if (fields.unknownAttributes !== undefined) {
    yield [StunAttribute.unknownAttributes, Buffer.from(fields.unknownAttributes.flatMap((type) => [type >> 8, type]))];
  }
  if (fields.username !== undefined) yield [StunAttribute.username, Buffer.from(fields.username)];
  if (fields.priority !== undefined) yield [StunAttribute.priority, uint32(fields.priority)];
  if (fields.useCandidate) yield [StunAttribute.useCandidate, NO_VALUE];
  if (fields.iceControlling !== undefined) yield [StunAttribute.iceControlling, uint64(fields.iceControlling)];
  if (fields.iceControlled !== undefined) yield [StunAttribute.iceControlled, uint64(fields.iceControlled)];
  if (fields.changeRequest) yield [StunAttribute.changeRequest, uint32(CHANGE_IP_AND_PORT)];
  if (fields.xorMappedAddress !== undefined) {
    yield [StunAttribute.xorMappedAddress, xorMappedAddressValue(fields.xorMappedAddress, xorMask)];
  }
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function uint64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}
