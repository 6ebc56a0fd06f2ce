/** Fixed second word of every STUN message (RFC 8489 section 5). */
export const MAGIC_COOKIE = 0x2112a442;
export const STUN_HEADER_SIZE = 20;
export const ATTRIBUTE_HEADER_SIZE = 4;
export const TRANSACTION_ID_SIZE = 12;

export const LENGTH_OFFSET = 2;
export const COOKIE_OFFSET = 4;
export const TRANSACTION_ID_OFFSET = 8;

/** An Ethernet frame's worth: nothing that a check or a STUN server's answer carries comes near it. */
export const MAX_STUN_MESSAGE_SIZE = 1500;

/** RFC 8489 section 14.3 allows a user name fewer than 509 bytes. */
export const MAX_USERNAME_SIZE = 508;

/** STUN method 'Binding' (RFC 8489 section 18.2). */
export const BINDING = 0x001;

/** Attribute types of RFC 8489 section 18.3, RFC 8445 section 16.1, and RFC 5780 section 7. */
export const StunAttribute = {
  mappedAddress: 0x0001,
  changeRequest: 0x0003,
  username: 0x0006,
  messageIntegrity: 0x0008,
  errorCode: 0x0009,
  unknownAttributes: 0x000a,
  realm: 0x0014,
  nonce: 0x0015,
  xorMappedAddress: 0x0020,
  messageIntegritySha256: 0x001c,
  passwordAlgorithm: 0x001d,
  priority: 0x0024,
  useCandidate: 0x0025,
  passwordAlgorithms: 0x8002,
  fingerprint: 0x8028,
  iceControlled: 0x8029,
  iceControlling: 0x802a,
  otherAddress: 0x802c,
} as const;

/** Attributes below this are comprehension-required: an agent that does not know one must refuse the request (RFC 8489 section 14). */
export const COMPREHENSION_OPTIONAL = 0x8000;

/** An attribute's value is followed by padding up to the next 32-bit word. */
export function paddedSize(sizeBytes: number): number {
  return (sizeBytes + 3) & ~3;
}
