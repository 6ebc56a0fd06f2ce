import type { TrackType } from '@rtcd/protocol';

const MAX_CHARACTERS = 64;

/** Names of the files of a recording: readable, safe whatever a session calls itself, and each used once. */
export class FileNames {
  readonly #used = new Set<string>();

  next(type: TrackType, sessionID: string, extension: string): string {
    // Session IDs come from the network: nothing that leads out of the folder, or that a file system or shell gives a meaning.
    const safe = sessionID.replaceAll(/[^A-Za-z0-9-]/g, '_').slice(0, MAX_CHARACTERS);
    const base = `${type}-${safe}`;
    let name = `${base}.${extension}`;
    for (let copy = 2; this.#used.has(name.toLowerCase()); copy++) name = `${base}-${copy}.${extension}`;
    this.#used.add(name.toLowerCase());
    return name;
  }
}
