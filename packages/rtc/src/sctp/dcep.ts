// Data Channel Establishment Protocol, RFC 8832.

const MESSAGE_ACK = 0x02;
const MESSAGE_OPEN = 0x03;
const OPEN_FIXED_BYTES = 12;
const FLAG_UNORDERED = 0x80;
// Reliable, limited retransmissions, limited lifetime (section 5.1).
const MAX_RELIABILITY_KIND = 2;
/** Longest label and longest protocol that are taken; the RFC has no bound but 65,535. */
export const MAX_NAME_BYTES = 256;

/** Channel parameters from the opening side. */
export interface ChannelOpen {
  readonly label: string;
  /** Subprotocol; empty if none. */
  readonly protocol: string;
  readonly ordered: boolean;
}

export type DcepMessage = { readonly type: 'ack' } | ({ readonly type: 'open' } & ChannelOpen);

/*
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * | Message Type  | Channel Type  |           Priority            |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                     Reliability Parameter                     |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |         Label Length          |        Protocol Length        |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * /                       Label, then Protocol                    /
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
/** Nothing if malformed, of unknown type, or too long. */
export function readDcep(bytes: Uint8Array): DcepMessage | undefined {
  const message = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (message.length === 1 && message[0] === MESSAGE_ACK) return { type: 'ack' };
  if (message.length < OPEN_FIXED_BYTES || message[0] !== MESSAGE_OPEN) return undefined;
  const channelType = message[1]!;
  if ((channelType & ~FLAG_UNORDERED) > MAX_RELIABILITY_KIND) return undefined;
  const labelBytes = message.readUInt16BE(8);
  const protocolBytes = message.readUInt16BE(10);
  if (labelBytes > MAX_NAME_BYTES || protocolBytes > MAX_NAME_BYTES) return undefined;
  const protocolAt = OPEN_FIXED_BYTES + labelBytes;
  if (message.length !== protocolAt + protocolBytes) return undefined;
  return {
    type: 'open',
    label: message.toString('utf8', OPEN_FIXED_BYTES, protocolAt),
    protocol: message.toString('utf8', protocolAt),
    ordered: (channelType & FLAG_UNORDERED) === 0,
  };
}

/** A DATA_CHANNEL_OPEN for a reliable channel; nothing if label or protocol are too long. */
export function encodeOpen(open: ChannelOpen): Buffer | undefined {
  const label = Buffer.from(open.label);
  const protocol = Buffer.from(open.protocol);
  if (label.length > MAX_NAME_BYTES || protocol.length > MAX_NAME_BYTES) return undefined;
  const fixed = Buffer.alloc(OPEN_FIXED_BYTES);
  fixed[0] = MESSAGE_OPEN;
  fixed[1] = open.ordered ? 0 : FLAG_UNORDERED;
  fixed.writeUInt16BE(label.length, 8);
  fixed.writeUInt16BE(protocol.length, 10);
  return Buffer.concat([fixed, label, protocol]);
}

export function encodeAck(): Buffer {
  return Buffer.from([MESSAGE_ACK]);
}
