//  0                   1                   2                   3
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |         Channel Number        |            Length             |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |                       Application Data ...                    |
// Over TCP it is padded to a multiple of four bytes (RFC 8656 section 12.5).

/** First channel number, and the one after the last (RFC 8656 section 12). */
export const FIRST_CHANNEL = 0x4000;
export const CHANNELS_END = 0x5000;

export const CHANNEL_DATA_HEADER_SIZE = 4;
const LENGTH_OFFSET = 2;

/** Reports whether a message from a TURN server is ChannelData, by its first byte (RFC 7983 section 7). */
export function isChannelData(message: Uint8Array): boolean {
  return message.length > 0 && message[0]! >= FIRST_CHANNEL >> 8 && message[0]! < CHANNELS_END >> 8;
}

/** Length of the data behind the header; -1 if the message does not contain it all. Bytes after it are padding. */
export function channelDataLength(message: Buffer): number {
  if (message.length < CHANNEL_DATA_HEADER_SIZE) return -1;
  const length = message.readUInt16BE(LENGTH_OFFSET);
  return length > message.length - CHANNEL_DATA_HEADER_SIZE ? -1 : length;
}

/** A reused ChannelData message, with one view per length made at first use, so that sending makes no garbage. */
export class ChannelDataWriter {
  readonly #bytes: Buffer;
  readonly #isPadded: boolean;
  readonly #views: Uint8Array[] = [];

  constructor(maxDataBytes: number, isPadded: boolean) {
    this.#bytes = Buffer.alloc(CHANNEL_DATA_HEADER_SIZE + maxDataBytes + 3);
    this.#isPadded = isPadded;
  }

  /** Writes a message, which is valid until the next one is written. */
  write(channel: number, data: Uint8Array): Uint8Array {
    const size = CHANNEL_DATA_HEADER_SIZE + data.length;
    this.#bytes.writeUInt16BE(channel, 0);
    this.#bytes.writeUInt16BE(data.length, LENGTH_OFFSET);
    this.#bytes.set(data, CHANNEL_DATA_HEADER_SIZE);
    return this.#view(this.#isPadded ? (size + 3) & ~3 : size);
  }

  #view(size: number): Uint8Array {
    this.#views[size] ??= this.#bytes.subarray(0, size);
    return this.#views[size]!;
  }
}
