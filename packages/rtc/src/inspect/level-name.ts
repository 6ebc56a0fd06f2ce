import type { PublishedLevel } from '../call/published-track.ts';

/** Name of an encoding by its size, as in the contract, where senders may call it anything. A single encoding counts as `l`. */
export type LevelName = 'l' | 'm' | 'h';

const NAMES: readonly (readonly LevelName[])[] = [[], ['l'], ['l', 'h'], ['l', 'm', 'h']];

/** Names one of the encodings of a track, the smallest of which comes first. */
export const levelName = (
  level: PublishedLevel | undefined,
  levels: readonly PublishedLevel[],
): LevelName | undefined => level && NAMES[levels.length]?.[levels.indexOf(level)];
