import type { Clock } from '../ports.ts';
import { writeSenderReport } from '../rtcp/report.ts';
import { SendStatistics } from '../rtcp/send-statistics.ts';
import { writeRtpHeader } from '../rtp/header.ts';
import { HeaderExtensionWriter } from '../rtp/header-extensions.ts';
import { CYCLE } from '../rtp/sequence.ts';
import { AUDIO_LEVEL_ID, type LocalTrack, OPUS_PAYLOAD_TYPE } from './participant-sdp.ts';

/** Opus in RTP always has a clock of 48 kHz (RFC 7587 section 4.1). */
const TICKS_PER_MS = 48;
/** Fixed header, the block of header extensions, and the audio level, padded. */
const MAX_HEADER_BYTES = 24;
/** With its header, SRTP's tag, UDP and IP, a packet of no more than 1,280 bytes, which every network carries. */
export const MAX_OPUS_BYTES = 1_180;
/** A frame that comes later than this behind the end of the one before begins after a pause. */
const PAUSE_MS = 100;

/** One frame of a voice. */
export interface OpusFrame {
  /** One Opus packet (RFC 6716 section 3), of at most `MAX_OPUS_BYTES`. */
  readonly payload: Uint8Array;
  readonly durationMs: number;
  /** Level as in RFC 6464: 0 is the loudest, 127 silence. */
  readonly level: number;
}

/** Owner of a voice that is sent. */
export interface VoiceSenderOwner {
  readonly clock: Clock;
  /** Protects and sends a packet, borrowed until return, if the voice may flow. */
  sendRtp(packet: Uint8Array, rolloverCounter: number): void;
}

/** Sends the frames of one voice: numbers and timestamps of its RTP, and what its sender reports say. */
export class VoiceSender {
  readonly track: LocalTrack;
  readonly #owner: VoiceSenderOwner;
  readonly #statistics = new SendStatistics(TICKS_PER_MS * 1_000);
  readonly #packet = Buffer.alloc(MAX_HEADER_BYTES + MAX_OPUS_BYTES);
  readonly #extensions = new HeaderExtensionWriter();
  readonly #startMs: number;
  #index: number;
  /** Timestamp of the next frame if it follows without a pause. */
  #nextTicks = 0;
  #isPaused = true;

  constructor(track: LocalTrack, owner: VoiceSenderOwner) {
    this.track = track;
    this.#owner = owner;
    this.#startMs = owner.clock.nowMs();
    // In the lower half, so that packets which are overtaken at the start are not taken for those of an earlier cycle (RFC 3711 section 3.3.1).
    this.#index = track.ssrc & 0x7fff;
  }

  /** Sends a frame. Its timestamp continues that of the one before, and jumps over pauses. */
  send({ payload, durationMs, level }: OpusFrame): void {
    const nowTicks = this.#ticksAt(this.#owner.clock.nowMs());
    if (nowTicks - this.#nextTicks > PAUSE_MS * TICKS_PER_MS) this.#isPaused = true;
    if (this.#isPaused) this.#nextTicks = Math.max(this.#nextTicks, nowTicks);
    writeRtpHeader(this.#packet, 0, {
      marker: this.#isPaused, // A talkspurt begins (RFC 3551 section 4.1).
      payloadType: OPUS_PAYLOAD_TYPE,
      sequenceNumber: this.#index % CYCLE,
      timestamp: this.#nextTicks >>> 0,
      ssrc: this.track.ssrc,
    });
    this.#extensions.begin(this.#packet, 0);
    this.#extensions.writeUInt8(AUDIO_LEVEL_ID, level);
    const end = this.#extensions.end();
    this.#packet.set(payload, end);
    this.#owner.sendRtp(this.#packet.subarray(0, end + payload.length), Math.floor(this.#index / CYCLE));
    this.#statistics.sent(payload.length);
    this.#index++;
    this.#nextTicks += Math.round(durationMs * TICKS_PER_MS);
    this.#isPaused = false;
  }

  /** Writes a sender report at `offset` if anything was sent since the last one. Returns where it ends. */
  writeReport(out: Buffer, offset: number, nowMs: number): number {
    if (!this.#statistics.takeNews()) return offset;
    const info = this.#statistics.senderInfo(this.#ticksAt(nowMs) >>> 0, this.#owner.clock.unixMs());
    return writeSenderReport(out, offset, this.track.ssrc, info);
  }

  #ticksAt(nowMs: number): number {
    return Math.round((nowMs - this.#startMs) * TICKS_PER_MS);
  }
}
