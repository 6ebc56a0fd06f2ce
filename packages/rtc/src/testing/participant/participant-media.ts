import { AUDIO_LEVEL_ID, type LocalTrack, OPUS_PAYLOAD_TYPE } from '../../peer/participant-sdp.ts';
import type { Random } from '../../ports.ts';
import { payloadTypeOf, rtpHeaderLength, sequenceNumberOf, ssrcOf, writeRtpHeader } from '../../rtp/header.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import type { RemoteSection } from '../../sdp/description.ts';

/** Received part of one sender's voice. */
export interface ReceivedVoice {
  readonly packets: number;
  /** Sequence numbers that were skipped. */
  readonly gaps: number;
  /** Packets whose payload is not what a participant sends, or is out of its order. */
  readonly corrupt: number;
  /** Payload types that its packets had. */
  readonly formats: ReadonlySet<number>;
  /** SSRC under which its sender sent the last packet that was whole. */
  readonly source: number;
}

interface MutableVoice {
  packets: number;
  gaps: number;
  corrupt: number;
  readonly formats: Set<number>;
  source: number;
  lastSequence: number;
  lastCounter: number;
}

const TICKS_PER_PACKET = 960; // 20 ms at 48 kHz
const PAYLOAD_BYTES = 60; // Opus at about 24 kbit/s
const MAGIC = 0x6f707573; // 'opus': marks a payload as a participant's
const PATTERN_OFFSET = 12; // behind the mark, the counter and the SSRC

/** A synthetic voice and the checks of what others' arrived. A payload is a mark, a counter, the SSRC of its sender and a pattern. */
export class ParticipantMedia {
  rtcpReceived = 0;
  /** Packets of sources that no description named. */
  strayPackets = 0;
  readonly #random: Random;
  readonly #packet = Buffer.alloc(64 + PAYLOAD_BYTES);
  readonly #extensions = new HeaderExtensionWriter();
  readonly #midBySsrc = new Map<number, string>();
  readonly #received = new Map<string, MutableVoice>();
  #voice: LocalTrack | undefined;
  #counter = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  createVoice(): LocalTrack {
    const ssrc = Buffer.from(this.#random(4)).readUInt32BE() || 1;
    this.#voice = { kind: 'audio', streamId: `stream-${ssrc}`, trackId: `track-${ssrc}`, ssrc, rids: [], codecs: [] };
    return this.#voice;
  }

  /** Sets the SSRC of each section from now on. */
  sync(sections: readonly RemoteSection[]): void {
    for (const { kind, mid, ssrcs } of sections) {
      if (kind !== 'audio') continue;
      const [ssrc] = ssrcs;
      if (ssrc === undefined || this.#midBySsrc.get(ssrc) === mid) continue;
      this.#midBySsrc.set(ssrc, mid);
      this.#received.set(mid, {
        packets: 0,
        gaps: 0,
        corrupt: 0,
        formats: new Set(),
        source: 0,
        lastSequence: -1,
        lastCounter: -1,
      });
    }
  }

  received(mid: string): ReceivedVoice | undefined {
    return this.#received.get(mid);
  }

  /** The next packet of the voice, and SRTP's rollover counter of it. Borrowed until the next call. */
  nextPacket(level: number): { readonly packet: Buffer; readonly rolloverCounter: number } {
    if (!this.#voice) throw new Error('this participant has no voice');
    const counter = this.#counter++;
    writeRtpHeader(this.#packet, 0, {
      marker: counter === 0,
      payloadType: OPUS_PAYLOAD_TYPE,
      sequenceNumber: counter & 0xffff,
      timestamp: (counter * TICKS_PER_PACKET) >>> 0,
      ssrc: this.#voice.ssrc,
    });
    this.#extensions.begin(this.#packet, 0);
    this.#extensions.writeUInt8(AUDIO_LEVEL_ID, level);
    const headerLength = this.#extensions.end();
    const length = headerLength + PAYLOAD_BYTES;
    writePayload(this.#packet.subarray(headerLength, length), counter, this.#voice.ssrc);
    return { packet: this.#packet.subarray(0, length), rolloverCounter: Math.floor(counter / 0x1_0000) };
  }

  receive(packet: Buffer): void {
    const voice = this.#received.get(this.#midBySsrc.get(ssrcOf(packet)) ?? '');
    const headerLength = rtpHeaderLength(packet);
    if (!voice || headerLength < 0) {
      this.strayPackets += 1;
      return;
    }
    const sequence = sequenceNumberOf(packet);
    const payload = packet.subarray(headerLength);
    const counter = counterOf(payload);
    if (voice.lastSequence >= 0) voice.gaps += ((sequence - voice.lastSequence) & 0xffff) - 1;
    if (counter <= voice.lastCounter) voice.corrupt += 1;
    voice.packets += 1;
    voice.formats.add(payloadTypeOf(packet));
    if (counter >= 0) voice.source = sourceOf(payload);
    voice.lastSequence = sequence;
    voice.lastCounter = counter;
  }
}

function writePayload(payload: Buffer, counter: number, source: number): void {
  payload.writeUInt32BE(MAGIC, 0);
  payload.writeUInt32BE(counter, 4);
  payload.writeUInt32BE(source, 8);
  for (let index = PATTERN_OFFSET; index < payload.length; index++) payload[index] = (counter * 31 + index) & 0xff;
}

const sourceOf = (payload: Buffer): number => payload.readUInt32BE(8);

/** The counter of a payload that is whole, else -1. */
function counterOf(payload: Buffer): number {
  if (payload.length !== PAYLOAD_BYTES || payload.readUInt32BE(0) !== MAGIC) return -1;
  const counter = payload.readUInt32BE(4);
  const pattern = payload.subarray(PATTERN_OFFSET);
  const isWhole = pattern.every((byte, index) => byte === ((counter * 31 + index + PATTERN_OFFSET) & 0xff));
  return isWhole ? counter : -1;
}
