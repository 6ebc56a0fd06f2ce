import { ParticipantError } from '../errors.ts';
import { opusDurationMs } from '../opus/opus-packet.ts';
import { OggFlag, type OggPage, oggPageSize, parseOggPage } from './ogg-page.ts';

/** One Opus packet of a file. */
export interface OpusPacket {
  readonly packet: Uint8Array;
  readonly durationMs: number;
}

const OPUS_HEAD = Buffer.from('OpusHead');
const OPUS_HEAD_BYTES = 19;
const CHANNELS_OFFSET = 9;
const MAPPING_FAMILY_OFFSET = 18;
/** RFC 7845 section 5.2 lets readers refuse longer comments. */
const MAX_PACKET_BYTES = 1024 * 1024;

/**
 * Reads the Opus packets of an Ogg file (RFC 7845), one after the other, from chunks of it of any size. Throws `ParticipantError` `malformed` for what
 * is not one logical stream of mono or stereo Opus.
 */
export async function* readOpus(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<OpusPacket> {
  const packets = new PacketAssembler();
  let headers = 0;
  for await (const page of readPages(chunks)) {
    for (const packet of packets.take(page)) {
      if (headers === 0) checkHead(packet);
      // The second one contains comments.
      if (headers++ < 2) continue;
      const durationMs = opusDurationMs(packet);
      if (durationMs === undefined) throw malformed('contains a packet that is not Opus');
      yield { packet, durationMs };
    }
  }
  if (headers < 2) throw malformed('ends before its first audio');
}

async function* readPages(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<OggPage> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, chunk]);
    for (let size = oggPageSize(rest); size !== undefined && size <= rest.length; size = oggPageSize(rest)) {
      const page = size < 0 ? undefined : parseOggPage(rest.subarray(0, size));
      if (page === undefined) throw malformed('is not Ogg, or is damaged');
      rest = rest.subarray(size);
      yield page;
    }
  }
  if (rest.length > 0) throw malformed('ends within a page');
}

/** Puts packets together that continue over pages. */
class PacketAssembler {
  #serial: number | undefined;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  take({ flags, serial, packets, isOpen }: OggPage): Uint8Array[] {
    this.#serial ??= serial;
    if (serial !== this.#serial) throw malformed('contains more than one stream');
    if (((flags & OggFlag.continued) !== 0) !== this.#parts.length > 0) throw malformed('lacks a page');
    const whole: Uint8Array[] = [];
    for (const [index, packet] of packets.entries()) {
      this.#parts.push(packet);
      this.#bytes += packet.length;
      if (this.#bytes > MAX_PACKET_BYTES) throw malformed('contains a packet that is too long');
      if (isOpen && index === packets.length - 1) continue;
      whole.push(this.#parts.length === 1 ? packet : Buffer.concat(this.#parts));
      this.#parts = [];
      this.#bytes = 0;
    }
    return whole;
  }
}

function checkHead(packet: Uint8Array): void {
  const head = Buffer.from(packet.buffer, packet.byteOffset, packet.byteLength);
  if (head.length < OPUS_HEAD_BYTES || !head.subarray(0, 8).equals(OPUS_HEAD)) throw malformed('is not Opus');
  if (head[MAPPING_FAMILY_OFFSET] !== 0 || head[CHANNELS_OFFSET]! > 2) throw malformed('has more than two channels');
}

const malformed = (what: string) => new ParticipantError('malformed', `the file ${what}`);
