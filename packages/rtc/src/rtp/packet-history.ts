/** Upper bound on the bytes of one history, whatever the number of packets that it may hold. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Upper bound on the average size of a video packet: senders fill their path MTU except for the last packets of frames. */
const PACKET_BYTES = 1_200;

/**
 * Payloads of the last packets of one source, each kept once for all receivers, to be sent again. Packets have the numbers of
 * `PayloadNumbering`, of which none comes twice. The bytes are in one ring, in the order of arrival.
 */
export class PacketHistory {
  readonly #packets: number;
  readonly #capacityBytes: number;
  /** Made with the first packet: most sources of a call are voices, or never begin. */
  #bytes: Buffer = Buffer.alloc(0);
  /** Per number modulo `#packets`: the packet that has the place, where its bytes begin in all that was ever written, and how many. */
  readonly #numbers: Float64Array;
  readonly #positions: Float64Array;
  readonly #lengths: Uint16Array;
  #highestNumber = -1;
  #writtenBytes = 0;

  /** Takes how many packets it holds: a power of two. */
  constructor(packets: number) {
    this.#packets = packets;
    this.#capacityBytes = Math.min(MAX_BYTES, packets * PACKET_BYTES);
    this.#numbers = new Float64Array(packets).fill(-1);
    this.#positions = new Float64Array(packets);
    this.#lengths = new Uint16Array(packets);
  }

  /** Buffer that offsets of packets refer to. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /**
   * Keeps a packet's payload. Returns false for a packet that came before, and for one so late that it cannot be known whether it did:
   * neither may be forwarded, as its number under the receivers' keys is used up.
   */
  add(number: number, packet: Buffer, start: number, length: number): boolean {
    if (this.isTooLate(number)) return false;
    const place = number % this.#packets;
    if (this.#numbers[place] === number) return false;
    if (number > this.#highestNumber) this.#highestNumber = number;
    this.#numbers[place] = number;
    this.#lengths[place] = length;
    this.#positions[place] = this.#write(packet, start, length);
    return true;
  }

  /** Returns whether a packet is so late that it cannot be known whether it came before. */
  isTooLate(number: number): boolean {
    return number <= this.#highestNumber - this.#packets;
  }

  /** Returns where in `bytes` the payload of a packet begins, or -1 if it is not kept. */
  offsetOf(number: number): number {
    const place = number % this.#packets;
    const position = this.#positions[place]!;
    const isKept = this.#numbers[place] === number && position >= this.#writtenBytes - this.#capacityBytes;
    return isKept ? position % this.#capacityBytes : -1;
  }

  /** Payload bytes of a packet that is kept. */
  lengthOf(number: number): number {
    return this.#lengths[number % this.#packets]!;
  }

  #write(packet: Buffer, start: number, length: number): number {
    if (this.#bytes.length === 0) this.#bytes = Buffer.alloc(this.#capacityBytes);
    const room = this.#capacityBytes - (this.#writtenBytes % this.#capacityBytes);
    if (length > room) this.#writtenBytes += room;
    const position = this.#writtenBytes;
    packet.copy(this.#bytes, position % this.#capacityBytes, start, start + length);
    this.#writtenBytes += length;
    return position;
  }
}
