import type { TrackType } from '@rtcd/protocol';
import { expect } from 'vitest';
import type { Participant } from './participant.ts';
import type { Voice } from './voices.ts';

/** Sound that settles a question: 15 packets. */
const ENOUGH_MS = 300;
/** Packets of another voice to wait for before calling one silent. */
const SILENCE_MS = 1_000;

export interface Track {
  readonly type: TrackType;
  readonly voice: Voice;
}

/** Resolves once `listener` hears `speaker`, from now on, on the section that rtcd's map names, and on no other. */
export async function untilHears(
  listener: Participant,
  speaker: Participant,
  { type, voice: { hz } }: Track = { type: 'voice', voice: speaker.voice },
): Promise<void> {
  const { hearing } = listener;
  await listener.until(`has a section for the ${type} of ${speaker.name}`, () => {
    const mid = listener.midOf(speaker, type);
    return mid !== undefined && listener.tracks.has(mid);
  });
  const mid = listener.midOf(speaker, type) ?? '';
  const before = hearing.voiceMs(mid, hz);
  const elsewhere = hearing.elsewhereMs(mid, hz);
  await listener.until(
    `hears the ${type} of ${speaker.name} (${hz} Hz)`,
    () => hearing.voiceMs(mid, hz) - before >= ENOUGH_MS,
  );
  expect(hearing.elsewhereMs(mid, hz), `${speaker.name}'s ${hz} Hz at ${listener.name} on another section`).toBe(
    elsewhere,
  );
}

/** Resolves once each hears all the others. */
export async function untilAllHear(...participants: readonly Participant[]): Promise<void> {
  await Promise.all(
    participants.flatMap((listener) =>
      participants.filter((speaker) => speaker !== listener).map((speaker) => untilHears(listener, speaker)),
    ),
  );
}

/**
 * Resolves once nothing came to `listener` on the section `mid` while a second of `clock.speaker`'s voice came to
 * `clock.listener`: the other voice is the clock.
 */
export async function untilSilent(
  listener: Participant,
  mid: string,
  clock: { readonly listener: Participant; readonly speaker: Participant },
): Promise<void> {
  const clockMid = clock.listener.midOf(clock.speaker) ?? '';
  const now = () => clock.listener.hearing.voiceMs(clockMid, clock.speaker.voice.hz);
  let heardMs = listener.hearing.anythingMs(mid);
  let startMs = now();
  await listener.until(`hears nothing on ${mid}`, () => {
    if (listener.hearing.anythingMs(mid) !== heardMs) {
      heardMs = listener.hearing.anythingMs(mid);
      startMs = now();
    }
    return now() - startMs >= SILENCE_MS;
  });
}
