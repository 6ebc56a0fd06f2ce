/** Files that LMDB keeps in its folder. */
export const DATA_FILE = 'data.mdb';
export const LOCK_FILE = 'lock.mdb';
/** Written and removed again before LMDB creates its files. */
export const PROBE_FILE = 'probe.tmp';
/** Created once the store is on disk: from then on, a data file that is empty or missing has been lost. */
export const MARKER_FILE = 'created';
