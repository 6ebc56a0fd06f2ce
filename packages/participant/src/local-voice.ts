import { check, validate } from '@rtcd/boundary';
import { MAX_OPUS_BYTES, type VoiceSender } from '@rtcd/rtc/peer';
import { ParticipantError } from './errors.ts';
import { opusDurationMs } from './opus/opus-packet.ts';

/** A level of speech in RFC 6464's scale, where 0 is the loudest and 127 silence. */
const SPEECH_LEVEL = 30;
const SILENCE_LEVEL = 127;
/** Opus in discontinuous transmission sends packets that are no longer than this (RFC 6716 section 2.1.9). */
const MAX_SILENT_BYTES = 3;

/** Options of one packet that is sent. */
export interface SendOptions {
  /**
   * Level as in RFC 6464: 0 is the loudest, 127 silence. The SFU reads from it who speaks. Default: 30, or 127 for a packet that is too short
   * to be anything but silence.
   */
  readonly level?: number;
}

export interface LocalVoiceOwner {
  onMuted(isMuted: boolean): void;
}

/** The voice of the participant itself. */
export class LocalVoice {
  readonly #sender: VoiceSender;
  readonly #owner: LocalVoiceOwner;
  #isMuted = false;

  /** @internal */
  constructor(sender: VoiceSender, owner: LocalVoiceOwner) {
    this.#sender = sender;
    this.#owner = owner;
  }

  /** Reports whether packets are dropped until `unmute`. */
  get isMuted(): boolean {
    return this.#isMuted;
  }

  /**
   * Sends one Opus packet, now. Packets have to come at the pace of their durations. While muted, and while the connection is interrupted, they are
   * dropped. Throws `ParticipantError` `invalid_option` or `malformed`.
   */
  send(packet: Uint8Array, options: SendOptions = {}): void {
    validate('packet', packet, check.bytes, invalid);
    const { level = packet.length <= MAX_SILENT_BYTES ? SILENCE_LEVEL : SPEECH_LEVEL } = options;
    validate('level', level, check.integer(0, SILENCE_LEVEL), invalid);
    if (packet.length > MAX_OPUS_BYTES) {
      throw new ParticipantError('invalid_option', `a packet of ${packet.length} bytes: at most ${MAX_OPUS_BYTES} fit`);
    }
    const durationMs = opusDurationMs(packet);
    if (durationMs === undefined) throw new ParticipantError('malformed', 'the bytes are no Opus packet');
    if (!this.#isMuted) this.#sender.send({ payload: packet, durationMs, level });
  }

  /** Stops sending, and tells the SFU. */
  mute(): void {
    this.#setMuted(true);
  }

  /** Sends again. */
  unmute(): void {
    this.#setMuted(false);
  }

  #setMuted(isMuted: boolean): void {
    if (this.#isMuted === isMuted) return;
    this.#isMuted = isMuted;
    this.#owner.onMuted(isMuted);
  }
}

const invalid = (message: string) => new ParticipantError('invalid_option', message);
