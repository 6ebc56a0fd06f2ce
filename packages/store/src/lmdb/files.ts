/** What LMDB keeps in its folder. */
export const DATA_FILE = 'data.mdb';
export const LOCK_FILE = 'lock.mdb';
