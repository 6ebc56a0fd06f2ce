import { MAGIC_COOKIE } from './attributes.ts';
import { formatIpAddress, parseIpAddress } from './ip-address.ts';

/** An IP address and a port. */
export interface TransportAddress {
  readonly address: string;
  readonly port: number;
}

const FAMILY_IPV4 = 0x01;
const FAMILY_IPV6 = 0x02;
const FAMILY_OFFSET = 1;
const PORT_OFFSET = 2;
const ADDRESS_OFFSET = 4;
const PORT_MASK = MAGIC_COOKIE >>> 16;

//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0 0 0 0 0 0 0 0|    Family     |           (X-)Port            |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                (X-)Address (32 or 128 bits)                   |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** Value of a MAPPED-ADDRESS attribute (RFC 8489 section 14.1), which servers older than RFC 5389 answer with. */
export function parseMappedAddress(value: Buffer): TransportAddress | undefined {
  if (value.length !== expectedSize(value)) return undefined;
  return { address: formatIpAddress(value.subarray(ADDRESS_OFFSET)), port: value.readUInt16BE(PORT_OFFSET) };
}

/**
 * Value of an XOR-MAPPED-ADDRESS attribute (RFC 8489 section 14.2). The mask is the magic cookie followed by the
 * transaction id, just as both are in the header of the message.
 */
export function parseXorMappedAddress(value: Buffer, mask: Buffer): TransportAddress | undefined {
  if (value.length !== expectedSize(value)) return undefined;
  const address = formatIpAddress(xor(value.subarray(ADDRESS_OFFSET), mask));
  return { address, port: value.readUInt16BE(PORT_OFFSET) ^ PORT_MASK };
}

/** The way back. Throws `RangeError` if the address is not an IP address: that is our own bug. */
export function xorMappedAddressValue({ address, port }: TransportAddress, mask: Buffer): Buffer {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) throw new RangeError(`XOR-MAPPED-ADDRESS: '${address}' is not an IP address`);
  const value = Buffer.alloc(ADDRESS_OFFSET + bytes.length);
  value[FAMILY_OFFSET] = bytes.length === 4 ? FAMILY_IPV4 : FAMILY_IPV6;
  value.writeUInt16BE(port ^ PORT_MASK, PORT_OFFSET);
  value.set(xor(bytes, mask), ADDRESS_OFFSET);
  return value;
}

function expectedSize(value: Buffer): number {
  if (value.length < ADDRESS_OFFSET) return -1;
  const family = value[FAMILY_OFFSET];
  if (family === FAMILY_IPV4) return ADDRESS_OFFSET + 4;
  return family === FAMILY_IPV6 ? ADDRESS_OFFSET + 16 : -1;
}

function xor(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ mask[index]!));
}
