import type { OutgoingTrack } from '../media/send/outgoing-track.ts';
import type { Allocation } from '../media/send/outgoing-video.ts';
import { levelName } from './level-name.ts';
import type { SessionJournal } from './session-journal.ts';
import { layersSnapshot } from './snapshot.ts';

/** Record of the decisions on what of the videos of others one peer is sent. */
export class VideoDecisions {
  readonly #journal: SessionJournal;
  /** Encoding and layers by the last decision on each track. */
  readonly #last = new WeakMap<OutgoingTrack, string>();

  constructor(journal: SessionJournal) {
    this.#journal = journal;
  }

  /** Takes a decision, which differs from the last one at least in its reason, and the bandwidth that it was made for. */
  decided(track: OutgoingTrack, { level, layers, reason }: Allocation, estimateBps: number, nowMs: number): void {
    const { logger, metrics, groupID } = this.#journal;
    const { id, type, levels } = track.source;
    const name = levelName(level, levels) ?? 'none';
    const limits = layersSnapshot(layers);
    logger.debug({ trackId: id, level: name, ...limits, reason, estimateBps: Math.round(estimateBps) }, 'video chosen');
    metrics.videoDecided(groupID, type, name, reason);
    const choice = [name, ...Object.entries(limits).map(([dimension, highest]) => `${dimension} ${highest}`)].join(' ');
    if (this.#last.get(track) === choice) return;
    this.#last.set(track, choice);
    this.#journal.record('video chosen', nowMs, `${id} ${choice}: ${reason}`);
  }
}
