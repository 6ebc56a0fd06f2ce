import { openLmdbStore, StoreError } from '@rtcd/store';

const store = await openLmdbStore({ path: process.env.STORE_PATH ?? 'data/store' });

await store.put('my-installation', '$2b$10$...'); // only if it is not there yet; on disk when this line is passed
console.log(await store.get('my-installation')); // $2b$10$...

try {
  await store.put('my-installation', '$2b$10$...');
} catch (error) {
  console.log(error instanceof StoreError && error.code); // conflict
}

await store.set('my-installation', '$2b$12$...'); // in any case
await store.delete('my-installation');
await store.close();
