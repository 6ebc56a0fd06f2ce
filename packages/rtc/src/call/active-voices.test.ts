import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ActiveVoices, VoiceLoudness } from './active-voices.ts';

const PACKET_MS = 20;
/** RFC 6464: decibels below the loudest. */
const SPEECH = 30;
const ROOM = 80;

/** A call in which each voice sends a packet every 20 ms, with the level that `levelOf` gives it. */
class Room {
  nowMs = 0;
  /** Changes of which voices are forwarded. */
  switches = 0;
  readonly voices: readonly VoiceLoudness[];
  readonly active: ActiveVoices;

  constructor(voices: number, max: number) {
    this.voices = Array.from({ length: voices }, () => new VoiceLoudness());
    this.active = new ActiveVoices(max);
  }

  /** Indices of the voices that are forwarded. */
  get heard(): number[] {
    return [...this.voices.keys()].filter((index) => this.voices[index]!.isActive);
  }

  pass(durationMs: number, levelOf: (voice: number, nowMs: number) => number): this {
    for (const endMs = this.nowMs + durationMs; this.nowMs < endMs; this.nowMs += PACKET_MS) {
      for (const [index, voice] of this.voices.entries()) {
        const before = voice.isActive;
        if (this.active.admits(voice, levelOf(index, this.nowMs), this.nowMs) && !before) this.switches++;
      }
    }
    return this;
  }
}

/** Speech of some voices among rooms whose noise rises and falls. */
const speechOf =
  (...speakers: readonly number[]) =>
  (voice: number, nowMs: number) =>
    speakers.includes(voice) ? SPEECH : ROOM + (((voice * 7 + nowMs / PACKET_MS) * 13) % 5);

describe('ActiveVoices', () => {
  it('forwards all voices while there are no more than places', () => {
    expect(new Room(3, 3).pass(100, () => 127).heard).toEqual([0, 1, 2]);
  });

  it('forwards a speaker among silent microphones from the first packet on', () => {
    const room = new Room(20, 2).pass(5_000, speechOf());
    expect(room.heard).not.toContain(15);
    expect(room.pass(PACKET_MS, speechOf(15)).heard).toContain(15);
  });

  it('forwards the loudest of more speakers than places', () => {
    const levels = [40, 20, 45, 25, 50];
    expect(new Room(5, 2).pass(1_000, (voice) => levels[voice]!).heard).toEqual([1, 3]);
  });

  it('forwards a louder speaker within 100 ms', () => {
    const room = new Room(3, 2).pass(2_000, speechOf(0, 1));
    expect(room.heard).toEqual([0, 1]);
    room.pass(100, (voice) => (voice === 2 ? SPEECH - 10 : SPEECH));
    expect(room.heard).toContain(2);
  });

  it('keeps a speaker through the pauses between words', () => {
    const room = new Room(3, 1).pass(1_000, speechOf(0));
    const before = room.switches;
    room.pass(10_000, (voice, nowMs) => {
      if (voice === 0) return nowMs % 1_000 < 300 ? SPEECH : ROOM;
      return SPEECH + 4;
    });
    expect([room.heard, room.switches - before]).toEqual([[0], 0]);
  });

  it('gives the place of a speaker who has stopped to the next one, if no place is free', () => {
    const room = new Room(2, 1).pass(1_000, speechOf(0));
    room.pass(1_000, speechOf(1));
    expect(room.heard).toEqual([0]);
    expect(room.pass(300, speechOf(1)).heard).toEqual([1]);
  });

  it('does not swap places between equally loud voices', () => {
    const room = new Room(50, 5).pass(1_000, speechOf());
    const before = room.switches;
    room.pass(60_000, speechOf());
    expect(room.switches - before).toBe(0);
  });

  it('does not give the place of a speaker to a single click', () => {
    const room = new Room(2, 1).pass(1_000, speechOf(0));
    room.pass(PACKET_MS, (voice) => (voice === 1 ? 10 : SPEECH));
    expect(room.pass(1_000, speechOf(0)).heard).toEqual([0]);
  });

  it('gives the place of a voice that sends no more packets to another one', () => {
    const room = new Room(2, 1).pass(1_000, speechOf(0));
    const [, other] = room.voices;
    expect(room.active.admits(other!, ROOM, 5_000)).toBe(true);
  });

  it('frees the place of a voice that is removed', () => {
    const room = new Room(2, 1).pass(1_000, speechOf(0));
    room.active.remove(room.voices[0]!);
    room.active.remove(room.voices[0]!);
    expect(room.heard).toEqual([]);
    expect(room.active.admits(room.voices[1]!, 127, room.nowMs)).toBe(true);
  });

  it('treats voices without levels as quiet speech', () => {
    const room = new Room(3, 2).pass(1_000, (voice) => [-1, ROOM, SPEECH][voice]!);
    expect(room.heard).toEqual([0, 2]);
  });

  it('never forwards more voices than places, nor leaves a place free while a voice waits', () => {
    const step = fc.record({ voice: fc.nat(9), level: fc.integer({ min: -1, max: 255 }), waitMs: fc.nat(400) });
    const removal = fc.record({ removed: fc.nat(9) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(fc.oneof(step, step, step, removal)), (max, steps) => {
        const room = new Room(10, max);
        for (const it of steps) {
          if ('removed' in it) {
            room.active.remove(room.voices[it.removed]!);
            continue;
          }
          room.nowMs += it.waitMs;
          const others = room.heard.filter((voice) => voice !== it.voice);
          const isAdmitted = room.active.admits(room.voices[it.voice]!, it.level, room.nowMs);
          expect(isAdmitted).toBe(room.heard.includes(it.voice));
          expect(room.heard.length).toBeLessThanOrEqual(max);
          if (others.length < max) expect(isAdmitted).toBe(true);
        }
      }),
    );
  });
});
