import { describe, expect, it } from 'vitest';
import { openRedisStore } from '../src/index.ts';
import { canRunRedis, startServer } from './harness.ts';

describe.runIf(canRunRedis())('stores on one server', () => {
  it('see the same entries, and only one of them can put a key', async () => {
    const { url } = await startServer();
    const nodes = await Promise.all([1, 2, 3].map(() => openRedisStore({ url })));
    const results = await Promise.allSettled(nodes.map((node, i) => node.put('client', `hash ${i}`)));
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
    const winner = results.findIndex(({ status }) => status === 'fulfilled');
    for (const node of nodes) expect(await node.get('client')).toBe(`hash ${winner}`);
    await nodes[0]?.delete('client');
    await expect(nodes[1]?.get('client')).rejects.toMatchObject({ code: 'not_found' });
    await Promise.all(nodes.map((node) => node.close()));
  });

  it('do not see entries with another prefix, or in another database', async () => {
    const { url } = await startServer();
    const ours = await openRedisStore({ url });
    const others = await Promise.all([
      openRedisStore({ url, keyPrefix: 'other:' }),
      openRedisStore({ url: `${url}?db=2` }),
    ]);
    await ours.put('key', 'value');
    for (const other of others) {
      await expect(other.get('key')).rejects.toMatchObject({ code: 'not_found' });
      await other.close();
    }
    await ours.close();
  });
});
