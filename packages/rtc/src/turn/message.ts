import { parseXorMappedAddress, type TransportAddress, xorMappedAddressValue } from '../stun/address.ts';
import {
  ATTRIBUTE_HEADER_SIZE,
  COMPREHENSION_OPTIONAL,
  COOKIE_OFFSET,
  STUN_HEADER_SIZE,
  StunAttribute,
} from '../stun/attributes.ts';
import { computeFingerprint } from '../stun/fingerprint.ts';
import { INTEGRITY_SIZES } from '../stun/integrity.ts';
import { hasStunHeader, parseErrorCode, readAttributes, readStunHeader, type StunFields } from '../stun/message.ts';
import { type WrittenAttribute, xorMaskOf } from '../stun/write.ts';
import { REQUESTED_UDP, TurnAttribute } from './attributes.ts';
import { CHANNELS_END, FIRST_CHANNEL } from './channel-data.ts';

/** RFC 8489 sections 14.9 and 14.10: fewer than 128 characters, which can be as long as 763 bytes. */
const MAX_TEXT_SIZE = 763;

/** Attributes of TURN messages. All are optional: which ones a message needs depends on its method. */
export interface TurnFields {
  readonly realm?: string;
  /** Bytes of the server, repeated as they are. */
  readonly nonce?: Buffer;
  /** Value of PASSWORD-ALGORITHMS, repeated as it is. */
  readonly passwordAlgorithms?: Buffer;
  readonly xorMappedAddress?: TransportAddress;
  readonly xorRelayedAddress?: TransportAddress;
  readonly xorPeerAddress?: TransportAddress;
  readonly channelNumber?: number;
  readonly lifetimeSeconds?: number;
  readonly requestsUdp?: boolean;
  readonly data?: Uint8Array;
}

/** A well-formed message from a TURN server. Texts are copies, bytes are borrowed from the datagram. */
export interface TurnMessage extends TurnFields, Pick<StunFields, 'messageClass' | 'method' | 'transactionId'> {
  readonly errorCode?: { readonly code: number; readonly reason: string };
  /** Offsets of MESSAGE-INTEGRITY and MESSAGE-INTEGRITY-SHA256; -1 for one that is missing. */
  readonly integrityOffset: number;
  readonly integritySha256Offset: number;
  /** Comprehension-required attributes that we do not know. */
  readonly unknownRequired: readonly number[];
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };
type Attributes = Mutable<Omit<TurnMessage, 'messageClass' | 'method' | 'transactionId' | 'unknownRequired'>> & {
  hasFingerprint: boolean;
  readonly unknownRequired: number[];
};

/** Reads a STUN message with the attributes of TURN (RFC 8656 section 18); undefined for anything that is not exactly one. */
export function parseTurnMessage(datagram: Buffer): TurnMessage | undefined {
  if (!hasStunHeader(datagram)) return undefined;
  const read: Attributes = {
    integrityOffset: -1,
    integritySha256Offset: -1,
    hasFingerprint: false,
    unknownRequired: [],
  };
  const isRead = readAttributes(
    datagram,
    (offset, length) => !read.hasFingerprint && readAttribute(read, datagram, offset, length),
  );
  if (!isRead) return undefined;
  const { hasFingerprint, ...fields } = read;
  return { ...fields, ...readStunHeader(datagram) };
}

/** Takes one attribute in, false if it is malformed. Of two of a kind the first counts. */
function readAttribute(read: Attributes, message: Buffer, offset: number, length: number): boolean {
  const type = message.readUInt16BE(offset);
  if (!isCovered(read, type)) return true;
  const start = offset + ATTRIBUTE_HEADER_SIZE;
  const value = message.subarray(start, start + length);
  switch (type) {
    case StunAttribute.messageIntegrity:
      read.integrityOffset = offset;
      return length === INTEGRITY_SIZES.sha1;
    case StunAttribute.messageIntegritySha256:
      read.integritySha256Offset = offset;
      return length === INTEGRITY_SIZES.sha256;
    case StunAttribute.fingerprint:
      read.hasFingerprint = true;
      return length === 4 && value.readUInt32BE(0) === computeFingerprint(message, offset);
    case StunAttribute.errorCode:
      read.errorCode ??= parseErrorCode(value);
      return read.errorCode !== undefined;
    case StunAttribute.realm:
      read.realm ??= value.toString('utf8');
      return length <= MAX_TEXT_SIZE;
    case StunAttribute.nonce:
      read.nonce ??= value;
      return length <= MAX_TEXT_SIZE;
    case StunAttribute.passwordAlgorithms:
      read.passwordAlgorithms ??= value;
      return true;
    case StunAttribute.xorMappedAddress:
      return readAddress(read, 'xorMappedAddress', value, message);
    case TurnAttribute.xorRelayedAddress:
      return readAddress(read, 'xorRelayedAddress', value, message);
    case TurnAttribute.xorPeerAddress:
      return readAddress(read, 'xorPeerAddress', value, message);
    case TurnAttribute.channelNumber:
      if (length !== 4) return false;
      read.channelNumber ??= value.readUInt16BE(0);
      return read.channelNumber >= FIRST_CHANNEL && read.channelNumber < CHANNELS_END;
    case TurnAttribute.lifetime:
      if (length !== 4) return false;
      read.lifetimeSeconds ??= value.readUInt32BE(0);
      return true;
    case TurnAttribute.requestedTransport:
      if (length === 4 && value[0] === REQUESTED_UDP[0]) read.requestsUdp = true;
      return length === 4;
    case TurnAttribute.data:
      read.data ??= value;
      return true;
    case StunAttribute.username:
    case StunAttribute.passwordAlgorithm:
    case StunAttribute.mappedAddress:
    case StunAttribute.unknownAttributes:
      return true;
    default:
      if (type < COMPREHENSION_OPTIONAL) read.unknownRequired.push(type);
      return true;
  }
}

/** Attributes behind one that protects the message are not protected: they are ignored (RFC 8489 sections 14.5 and 14.6). */
function isCovered(read: Attributes, type: number): boolean {
  if (type === StunAttribute.fingerprint) return true;
  if (read.integritySha256Offset >= 0) return false;
  return read.integrityOffset < 0 || type === StunAttribute.messageIntegritySha256;
}

type AddressField = 'xorMappedAddress' | 'xorRelayedAddress' | 'xorPeerAddress';

function readAddress(read: Attributes, field: AddressField, value: Buffer, message: Buffer): boolean {
  const address = parseXorMappedAddress(value, message.subarray(COOKIE_OFFSET, STUN_HEADER_SIZE));
  if (address === undefined) return false;
  read[field] ??= address;
  return true;
}

/** Attributes of a message with this transaction id, for `writeAttributes`. */
export function* turnAttributes(fields: TurnFields, transactionId: Uint8Array): Generator<WrittenAttribute> {
  const mask = xorMaskOf(transactionId);
  if (fields.requestsUdp) yield [TurnAttribute.requestedTransport, REQUESTED_UDP];
  if (fields.lifetimeSeconds !== undefined) yield [TurnAttribute.lifetime, uint32(fields.lifetimeSeconds)];
  if (fields.channelNumber !== undefined) yield [TurnAttribute.channelNumber, uint32(fields.channelNumber * 0x10000)];
  if (fields.xorPeerAddress) yield [TurnAttribute.xorPeerAddress, xorMappedAddressValue(fields.xorPeerAddress, mask)];
  if (fields.xorRelayedAddress) {
    yield [TurnAttribute.xorRelayedAddress, xorMappedAddressValue(fields.xorRelayedAddress, mask)];
  }
  if (fields.xorMappedAddress) {
    yield [StunAttribute.xorMappedAddress, xorMappedAddressValue(fields.xorMappedAddress, mask)];
  }
  if (fields.data) yield [TurnAttribute.data, Buffer.from(fields.data)];
  if (fields.realm !== undefined) yield [StunAttribute.realm, Buffer.from(fields.realm)];
  if (fields.nonce) yield [StunAttribute.nonce, fields.nonce];
  if (fields.passwordAlgorithms) yield [StunAttribute.passwordAlgorithms, fields.passwordAlgorithms];
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
