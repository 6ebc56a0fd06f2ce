import { textOf } from '@rtcd/boundary';
import { open, type RootDatabase } from 'lmdb';
import { StoreError } from '../errors.ts';

export type LmdbDatabase = RootDatabase<string, Buffer>;

/** Missing from the types of lmdb 3.5: the mode of the files it creates. */
const PERMISSIONS = { permissionsMode: 0o600 };

export function openEnvironment(path: string): LmdbDatabase {
  try {
    return open<string, Buffer>({
      path,
      // Else a folder with a dot in its name would be taken for a file.
      noSubdir: false,
      keyEncoding: 'binary',
      encoding: 'string',
      // Plain LMDB commits: synced, then acknowledged. At our rates there is nothing to gain by letting the two overlap.
      overlappingSync: false,
      // The batch of a turn has a promise that lmdb keeps to itself: a failed commit would reject it without a handler.
      eventTurnBatching: false,
      ...PERMISSIONS,
    });
  } catch (error) {
    throw new StoreError('unavailable', `cannot open the store in ${path}: ${textOf(error)}`, {
      cause: error,
    });
  }
}
