/** Loudness counts in dB above silence, which RFC 6464 puts at -127 dBov. */
const SILENCE_LEVEL = 127;
const LEVEL_MASK = 0x7f;
/** Level of voices whose packets have none: that of quiet speech. */
const UNKNOWN_LEVEL = 50;
/** Weight of each packet. The first loud packet after silence is enough to be heard over a room, four to be heard over speech. */
const ATTACK = 0.5;
/** Difference by which a voice has to be louder than the one whose place it takes. */
const MARGIN_DB = 6;
/** Distance from the peak within which a voice is as loud as it was: no two words are alike. */
const NEAR_PEAK_DB = 3;
/** Time for which a voice counts as loud as it was: speech pauses between words and breaths. */
const HOLD_MS = 1_000;
const RELEASE_DB_PER_MS = 0.04;

/** Loudness of one voice. Belongs to the call in which it is heard. */
export class VoiceLoudness {
  /** Forwarded at the moment. */
  isActive = false;
  /** In dB, averaged over the last few packets. */
  currentDb = 0;
  #peakDb = 0;
  #peakMs = 0;

  /** Takes the byte of a packet's audio level extension, -1 if it has none. */
  push(audioLevel: number, nowMs: number): void {
    const levelDb = SILENCE_LEVEL - (audioLevel < 0 ? UNKNOWN_LEVEL : audioLevel & LEVEL_MASK);
    this.currentDb += ATTACK * (levelDb - this.currentDb);
    const heldDb = this.heldDb(nowMs);
    if (this.currentDb < heldDb - NEAR_PEAK_DB) return;
    this.#peakDb = Math.max(heldDb, this.currentDb);
    this.#peakMs = nowMs;
  }

  /** Recent peak of the loudness: it stays for a second, and falls from then on, even if no packets arrive. */
  heldDb(nowMs: number): number {
    const fallingMs = Math.max(0, nowMs - this.#peakMs - HOLD_MS);
    return Math.max(0, this.#peakDb - fallingMs * RELEASE_DB_PER_MS);
  }

  /** Forgets the packets so far. */
  reset(): void {
    this.currentDb = 0;
    this.#peakDb = 0;
  }
}

/**
 * Decides which voices of a call are forwarded: the loudest, up to a number. A voice has a place until another one is clearly louder than it
 * was within the last second, so that places do not change between words, and a speaker among silent microphones gets one with its first packet.
 */
export class ActiveVoices {
  readonly #max: number;
  readonly #active: VoiceLoudness[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Takes the audio level of a packet, and returns whether the packet is to be forwarded. */
  admits(voice: VoiceLoudness, audioLevel: number, nowMs: number): boolean {
    voice.push(audioLevel, nowMs);
    if (voice.isActive) return true;
    const place = this.#active.length < this.#max ? this.#active.length : this.#quietest(nowMs);
    const occupant = this.#active[place];
    if (occupant && voice.currentDb <= occupant.heldDb(nowMs) + MARGIN_DB) return false;
    if (occupant) occupant.isActive = false;
    this.#active[place] = voice;
    voice.isActive = true;
    return true;
  }

  /** Frees the place of a voice that is muted or has ended. */
  remove(voice: VoiceLoudness): void {
    voice.reset();
    if (!voice.isActive) return;
    voice.isActive = false;
    this.#active.splice(this.#active.indexOf(voice), 1);
  }

  #quietest(nowMs: number): number {
    let quietest = 0;
    let lowestDb = Number.POSITIVE_INFINITY;
    for (let place = 0; place < this.#active.length; place++) {
      const heldDb = this.#active[place]!.heldDb(nowMs);
      if (heldDb < lowestDb) {
        lowestDb = heldDb;
        quietest = place;
      }
    }
    return quietest;
  }
}
