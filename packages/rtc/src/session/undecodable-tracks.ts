import type { PublishedTrack } from '../call/published-track.ts';
import type { SessionJournal } from '../inspect/session-journal.ts';

/** Tracks of the call that the peer can decode in no codec: each is reported once for each codec that it is sent in. */
export class UndecodableTracks {
  readonly #journal: SessionJournal;
  readonly #reported = new WeakMap<PublishedTrack, Set<string>>();

  constructor(journal: SessionJournal) {
    this.#journal = journal;
  }

  report(tracks: readonly PublishedTrack[], nowMs: number): void {
    for (const track of tracks) {
      const codecs = this.#reported.get(track) ?? new Set();
      if (codecs.has(track.mimeType)) continue;
      this.#reported.set(track, codecs.add(track.mimeType));
      this.#journal.record('track not decodable', nowMs, `${track.id} ${track.mimeType}`);
      this.#journal.countError('track');
      this.#journal.logger.warn(
        { trackId: track.id, codec: track.mimeType },
        'track not sent: the peer does not decode its codec',
      );
    }
  }
}
