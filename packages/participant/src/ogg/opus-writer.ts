import { OPUS_TICKS_PER_MS } from '../opus/opus-packet.ts';
import { OggFlag, oggSegmentsOf, writeOggPage } from './ogg-page.ts';

/** RFC 7845 section 3.3: a second of audio on each page lets players seek. */
const PAGE_MS = 1_000;
const MAX_SEGMENTS = 255;
const SAMPLE_RATE = 48_000;
const VENDOR = Buffer.from('@rtcd/participant');

/** Writes Opus packets as an Ogg file (RFC 7845). What each method returns is to be appended to the file. */
export class OpusWriter {
  readonly #serial: number;
  #sequence = 0;
  #packets: Uint8Array[] = [];
  #segments = 0;
  #pageMs = 0;
  #ticks = 0;

  /** `serial` tells streams in one file apart. */
  constructor(serial = 1) {
    this.#serial = serial;
  }

  begin(): Buffer {
    return Buffer.concat([this.#page([opusHead()], OggFlag.first), this.#page([opusTags()])]);
  }

  /** Adds a packet. Throws `RangeError` for one that is too long for a page. */
  write(packet: Uint8Array, durationMs: number): Buffer {
    const segments = oggSegmentsOf(packet);
    const before = this.#segments + segments > MAX_SEGMENTS ? this.#flush() : Buffer.alloc(0);
    this.#packets.push(packet);
    this.#segments += segments;
    this.#pageMs += durationMs;
    this.#ticks += Math.round(durationMs * OPUS_TICKS_PER_MS);
    return this.#pageMs < PAGE_MS ? before : Buffer.concat([before, this.#flush()]);
  }

  end(): Buffer {
    return this.#flush(OggFlag.last);
  }

  #flush(flags = 0): Buffer {
    const page = this.#page(this.#packets, flags);
    this.#packets = [];
    this.#segments = 0;
    this.#pageMs = 0;
    return page;
  }

  #page(packets: readonly Uint8Array[], flags = 0): Buffer {
    const fields = { flags, granule: BigInt(this.#ticks), serial: this.#serial, sequence: this.#sequence++ };
    return writeOggPage({ ...fields, packets });
  }
}

/** RFC 7845 section 5.1: stereo, as that is what RTP's Opus always may be, nothing to skip, no gain. */
function opusHead(): Buffer {
  const head = Buffer.alloc(19);
  head.write('OpusHead', 0, 'latin1');
  head[8] = 1;
  head[9] = 2;
  head.writeUInt32LE(SAMPLE_RATE, 12);
  return head;
}

/** RFC 7845 section 5.2: a vendor, and no comments. */
function opusTags(): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(VENDOR.length);
  return Buffer.concat([Buffer.from('OpusTags'), length, VENDOR, Buffer.alloc(4)]);
}
