import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadCredentials } from './credentials.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rtcd-demo-'));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

it('creates credentials once, readable only by their owner', async () => {
  const file = join(folder, 'data', 'demo.json');
  const first = await loadCredentials(file);
  expect(first.authKey.length).toBeGreaterThanOrEqual(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(first.isNew).toBe(true);
  expect(await loadCredentials(file)).toEqual({ ...first, isNew: false });
});

it('names the file that contains something else', async () => {
  const file = join(folder, 'demo.json');
  await writeFile(file, '{"clientID":"demo"}');
  await expect(loadCredentials(file)).rejects.toThrow(
    `${file} does not contain valid credentials: delete it to create new ones`,
  );
});

it('names the file that cannot be written', async () => {
  await writeFile(join(folder, 'data'), '');
  await expect(loadCredentials(join(folder, 'data', 'demo.json'))).rejects.toMatchObject({
    code: 'bad_credentials_file',
  });
});
