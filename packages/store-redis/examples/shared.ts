import { StoreError } from '@rtcd/store';
import { openRedisStore } from '@rtcd/store-redis';

const url = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379';

// Two rtcd nodes, each with a store of its own on one server.
const one = await openRedisStore({ url });
const other = await openRedisStore({ url });

await one.put('my-installation', '$2b$10$...');
console.log(await other.get('my-installation')); // $2b$10$...

try {
  await other.put('my-installation', '$2b$10$...');
} catch (error) {
  console.log(error instanceof StoreError && error.code); // conflict
}

await one.delete('my-installation');
await Promise.all([one.close(), other.close()]);
