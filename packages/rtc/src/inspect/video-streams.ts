import type { OutgoingTrack } from '../media/send/outgoing-track.ts';
import { type LevelName, levelName } from './level-name.ts';

/** Videos that receivers are sent, as many as are alike. */
export interface VideoStreamCount {
  readonly groupID: string;
  /** `screen` or `video`. */
  readonly type: string;
  /** The encoding that flows; `none` before the first key frame, `paused` if not even the smallest fits. */
  readonly level: LevelName | 'none' | 'paused';
  readonly streams: number;
}

/** Counts the videos that receivers are sent. */
export class VideoStreamCounter {
  readonly #counts = new Map<string, VideoStreamCount & { streams: number }>();

  add(groupID: string, { source, video, isFlowing }: OutgoingTrack): void {
    if (video === undefined || !isFlowing) return;
    const nothing = video.allocation.level === undefined ? 'paused' : 'none';
    const level = levelName(video.level, source.levels) ?? nothing;
    const key = `${groupID}\n${source.type}\n${level}`;
    const count = this.#counts.get(key);
    if (count) count.streams++;
    else this.#counts.set(key, { groupID, type: source.type, level, streams: 1 });
  }

  get counts(): readonly VideoStreamCount[] {
    return [...this.#counts.values()];
  }
}
