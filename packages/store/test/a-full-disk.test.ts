import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { canMountDisks, mountSmallDisk } from './small-disk.ts';

const noSpace = expect.objectContaining({
  code: 'unavailable',
  message: expect.stringMatching(/no space left on device/i),
});

// A rejection without a handler fails the whole test run, so each of these also tests that there is none.
describe.runIf(canMountDisks)('on a full disk', () => {
  it('every write rejects with the reason, reads continue, and writes succeed again once there is space', async () => {
    const disk = mountSmallDisk();
    const store = await openLmdbStore({ path: join(disk.path, 'store') });
    await store.put('before', 'value');
    disk.fill();

    await expect(store.put('one', 'value')).rejects.toEqual(noSpace);
    const attempts = [store.put('two', 'value'), store.set('three', 'value'), store.delete('before')];
    for (const attempt of await Promise.allSettled(attempts)) {
      expect(attempt).toMatchObject({ status: 'rejected', reason: noSpace });
    }
    expect(await store.get('before')).toBe('value');
    await expect(store.get('one')).rejects.toMatchObject({ code: 'not_found' });

    disk.free();
    await store.put('one', 'value');
    await store.set('three', 'value');
    await store.close();

    const again = await openLmdbStore({ path: join(disk.path, 'store') });
    expect(await Promise.all(['before', 'one', 'three'].map((key) => again.get(key)))).toEqual(Array(3).fill('value'));
    await again.close();
  });

  it('close resolves while writes fail', async () => {
    const disk = mountSmallDisk();
    const store = await openLmdbStore({ path: join(disk.path, 'store') });
    disk.fill();
    const attempts = Promise.allSettled(Array.from({ length: 100 }, (_, i) => store.put(`key ${i}`, 'value')));
    await store.close();
    for (const attempt of await attempts) expect(attempt).toMatchObject({ reason: { code: 'unavailable' } });
  });

  it('refuses a new store with the reason', async () => {
    const disk = mountSmallDisk();
    disk.fill();
    await expect(openLmdbStore({ path: join(disk.path, 'store') })).rejects.toEqual(noSpace);

    disk.free();
    const store = await openLmdbStore({ path: join(disk.path, 'store') });
    await store.put('key', 'value');
    await store.close();
  });

  it('opens an existing store for reading', async () => {
    const disk = mountSmallDisk();
    const first = await openLmdbStore({ path: join(disk.path, 'store') });
    await first.put('key', 'value');
    await first.close();
    disk.fill();
    const store = await openLmdbStore({ path: join(disk.path, 'store') });
    expect(await store.get('key')).toBe('value');
    await store.close();
  });
});
