import { openLmdbStore, StoreError } from '@rtcd/store';

const store = await openLmdbStore({ path: process.env.STORE_PATH ?? 'data/store' });

await store.set('greeting', 'hello');
console.log(await store.get('greeting')); // hello

const register = async (clientID: string, hash: string): Promise<string> => {
  try {
    await store.put(clientID, hash); // only if it is not there yet; on disk when this line is passed
    return 'registered';
  } catch (error) {
    if (error instanceof StoreError && error.code === 'conflict') return 'already registered';
    throw error;
  }
};
console.log(await register('my-installation', '$2b$10$...')); // registered
console.log(await register('my-installation', '$2b$10$...')); // already registered

await store.close();
