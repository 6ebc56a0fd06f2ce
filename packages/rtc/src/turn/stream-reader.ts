import {
  COOKIE_OFFSET,
  LENGTH_OFFSET,
  MAGIC_COOKIE,
  MAX_STUN_MESSAGE_SIZE,
  STUN_HEADER_SIZE,
} from '../stun/attributes.ts';
import { CHANNEL_DATA_HEADER_SIZE, isChannelData } from './channel-data.ts';

/** Larger frames are passed over: we send and receive datagrams of this size at most. */
const MAX_FRAME_SIZE = MAX_STUN_MESSAGE_SIZE;

/** Takes the messages out of a stream from a TURN server, in which they follow each other (RFC 8656 sections 3.1 and 12.5). */
export class StreamReader {
  readonly #frame = Buffer.alloc(MAX_FRAME_SIZE);
  readonly #onMessage: (message: Buffer) => void;
  #have = 0;
  /** Bytes of a frame that is too large. */
  #skip = 0;
  #isBroken = false;
  #skipped = 0;

  /** `onMessage` gets each message, borrowed until return. */
  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage;
  }

  /** Messages that were too large. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Takes the next bytes, however they are split. Returns false if they can be no messages: there is no way to find the next one. */
  receive(bytes: Buffer): boolean {
    for (let at = 0; at < bytes.length && !this.#isBroken; ) {
      const wanted = this.#skip > 0 ? this.#skip : this.#missing();
      const taken = Math.min(wanted, bytes.length - at);
      if (this.#skip > 0) this.#skip -= taken;
      else {
        bytes.copy(this.#frame, this.#have, at, at + taken);
        this.#have += taken;
      }
      at += taken;
      this.#advance();
    }
    return !this.#isBroken;
  }

  /** Bytes that the header lacks, or then the message. */
  #missing(): number {
    const size = this.#have < CHANNEL_DATA_HEADER_SIZE ? CHANNEL_DATA_HEADER_SIZE : this.#frameSize();
    return size - this.#have;
  }

  #advance(): void {
    if (this.#have < CHANNEL_DATA_HEADER_SIZE) return;
    if (!this.#isPlausible()) {
      this.#isBroken = true;
      return;
    }
    const size = this.#frameSize();
    if (size > MAX_FRAME_SIZE) {
      this.#skip = size - this.#have;
      this.#have = 0;
      this.#skipped++;
    } else if (this.#have === size) {
      this.#have = 0;
      this.#onMessage(this.#frame.subarray(0, size));
    }
  }

  #frameSize(): number {
    const length = this.#frame.readUInt16BE(LENGTH_OFFSET);
    return isChannelData(this.#frame) ? CHANNEL_DATA_HEADER_SIZE + ((length + 3) & ~3) : STUN_HEADER_SIZE + length;
  }

  #isPlausible(): boolean {
    if (isChannelData(this.#frame)) return true;
    const hasCookie = this.#have < COOKIE_OFFSET + 4 || this.#frame.readUInt32BE(COOKIE_OFFSET) === MAGIC_COOKIE;
    return this.#frame[0]! < 0x40 && this.#frame.readUInt16BE(LENGTH_OFFSET) % 4 === 0 && hasCookie;
  }
}
