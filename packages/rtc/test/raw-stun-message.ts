import type { KeyObject } from 'node:crypto';
import { LENGTH_OFFSET, MAGIC_COOKIE, STUN_HEADER_SIZE, StunAttribute } from '../src/stun/attributes.ts';
import { computeIntegrity } from '../src/stun/integrity.ts';

export type RawAttribute = [type: number, value: Buffer, claimedSize?: number];

/** A message of raw attributes, so that it may be wrong. */
export function rawStunMessage(
  attributes: readonly RawAttribute[],
  type = 1,
  transactionId: Uint8Array = Buffer.alloc(12),
): Buffer {
  const parts = attributes.map(([attributeType, value, claimedSize]) => {
    const header = Buffer.alloc(4);
    header.writeUInt16BE(attributeType, 0);
    header.writeUInt16BE(claimedSize ?? value.length, 2);
    return Buffer.concat([header, value, Buffer.alloc(-value.length & 3)]);
  });
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(STUN_HEADER_SIZE);
  header.writeUInt16BE(type, 0);
  header.writeUInt16BE(body.length, LENGTH_OFFSET);
  header.writeUInt32BE(MAGIC_COOKIE, 4);
  header.set(transactionId, 8);
  return Buffer.concat([header, body]);
}

/** The same with a MESSAGE-INTEGRITY that is right. */
export function signedRawStunMessage(
  attributes: readonly RawAttribute[],
  key: KeyObject,
  ...header: [type?: number, transactionId?: Uint8Array]
): Buffer {
  const unsigned = rawStunMessage(attributes, ...header);
  const integrity = computeIntegrity(unsigned, unsigned.length, key);
  return rawStunMessage([...attributes, [StunAttribute.messageIntegrity, integrity]], ...header);
}
