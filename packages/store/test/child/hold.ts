// Opens the store in argv[2], says how that went, and holds it until it is killed or its input ends.
import { openLmdbStore, StoreError } from '../../src/index.ts';

try {
  const store = await openLmdbStore({ path: process.argv[2] ?? '' });
  console.log('open');
  process.stdin.resume().once('end', () => store.close());
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  console.log(error.code);
}
