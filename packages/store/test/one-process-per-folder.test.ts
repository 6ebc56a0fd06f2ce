import { once } from 'node:events';
import { expect, it } from 'vitest';
import { openLmdbStore } from '../src/index.ts';
import { type Child, start } from './child-process.ts';
import { temporaryFolder } from './folder.ts';

const firstLine = async (child: Child): Promise<string> => (await once(child.lines, 'line'))[0];

const inUse = (path: string, by: string) =>
  expect.objectContaining({
    code: 'in_use',
    message: `the store in ${path} is in use by ${by}; only one process may open a store at a time`,
  });

it('refuses a folder that another process has open, and names the process', async () => {
  const path = await temporaryFolder();
  const holder = start('hold.ts', path);
  expect(await firstLine(holder)).toBe('open');
  await expect(openLmdbStore({ path })).rejects.toEqual(inUse(path, `process ${holder.process.pid}`));

  holder.process.stdin.end();
  await holder.exited;
  await (await openLmdbStore({ path })).close();
});

it('refuses other processes while this one has it open, even after the store has grown', async () => {
  const path = await temporaryFolder();
  const store = await openLmdbStore({ path });
  const value = 'x'.repeat(500_000);
  await Promise.all(Array.from({ length: 20 }, (_, i) => store.put(`key ${i}`, value)));
  expect(await firstLine(start('hold.ts', path))).toBe('in_use');

  await store.close();
  expect(await firstLine(start('hold.ts', path))).toBe('open');
});

it('refuses this process a second time', async () => {
  const path = await temporaryFolder();
  const store = await openLmdbStore({ path });
  await expect(openLmdbStore({ path: `${path}/../${path.split('/').at(-1)}` })).rejects.toEqual(
    inUse(path, 'this process'),
  );
  await store.put('key', 'value');
  await store.close();
  const again = await openLmdbStore({ path });
  expect(await again.get('key')).toBe('value');
  await again.close();
});

it('is not kept out by a process that was killed', async () => {
  const path = await temporaryFolder();
  const holder = start('hold.ts', path);
  expect(await firstLine(holder)).toBe('open');
  holder.process.kill('SIGKILL');
  await holder.exited;
  await (await openLmdbStore({ path })).close();
});

it('admits at most one of several that start at the same moment', async () => {
  const path = await temporaryFolder();
  const answers = await Promise.all(Array.from({ length: 4 }, () => firstLine(start('hold.ts', path))));
  expect(answers.filter((answer) => answer === 'in_use').length).toBeGreaterThanOrEqual(3);
  expect(answers.filter((answer) => answer === 'open').length).toBeLessThanOrEqual(1);
});
