import type { TrackType } from '@rtcd/protocol';
import { expect } from 'vitest';
import type { Participant } from './participant.ts';

/** Pictures that settle a question: a second. */
const ENOUGH = 10;

/** Resolves once `viewer` sees the video of `sender`, from now on, on the section that rtcd's map names, and on no other. */
export async function untilSees(viewer: Participant, sender: Participant, type: TrackType): Promise<void> {
  const { seeing } = viewer;
  const { width } = sender.video;
  await viewer.until(`has a section for the ${type} of ${sender.name}`, () => {
    const mid = viewer.midOf(sender, type);
    return mid !== undefined && viewer.tracks.has(mid);
  });
  const mid = viewer.midOf(sender, type) ?? '';
  const before = seeing.pictures(mid, width);
  const elsewhere = seeing.elsewhere(mid, width);
  await viewer.until(
    `sees the ${type} of ${sender.name} (${width} wide)`,
    () => seeing.pictures(mid, width) - before >= ENOUGH,
  );
  expect(seeing.elsewhere(mid, width), `${sender.name}'s pictures at ${viewer.name} on another section`).toBe(
    elsewhere,
  );
}
