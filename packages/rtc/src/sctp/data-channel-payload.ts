/** Payload protocol identifiers of data channels (RFC 8831 section 8). */
export const PayloadProtocol = {
  Dcep: 50,
  String: 51,
  Binary: 53,
  StringEmpty: 56,
  BinaryEmpty: 57,
} as const;

// SCTP has no empty messages: one zero byte represents an empty one (RFC 8831 section 6.6).
const EMPTY = new Uint8Array(1);

/** A user message as SCTP carries it. */
export function encodePayload(data: Uint8Array | string): { readonly ppid: number; readonly bytes: Uint8Array } {
  if (typeof data === 'string') {
    if (data.length === 0) return { ppid: PayloadProtocol.StringEmpty, bytes: EMPTY };
    return { ppid: PayloadProtocol.String, bytes: Buffer.from(data) };
  }
  if (data.length === 0) return { ppid: PayloadProtocol.BinaryEmpty, bytes: EMPTY };
  return { ppid: PayloadProtocol.Binary, bytes: data };
}

/** The user message; nothing if the identifier is none of a data channel's. Binary data borrows `bytes`. */
export function decodePayload(ppid: number, bytes: Uint8Array): Uint8Array | string | undefined {
  switch (ppid) {
    case PayloadProtocol.String:
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
    case PayloadProtocol.Binary:
      return bytes;
    case PayloadProtocol.StringEmpty:
      return '';
    case PayloadProtocol.BinaryEmpty:
      return bytes.subarray(0, 0);
    default:
      return undefined;
  }
}
