import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { temporaryFolder } from './folder.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const examples = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

describe('the README', () => {
  // The file store's own test is run like any other.
  it.each(['registry.ts', 'file-store.ts', 'file-store.test.ts'].map((name, index) => [name, index] as const))(
    'shows examples/%s unchanged',
    (name, index) => {
      expect(examples[index]).toBe(read(`../examples/${name}`));
    },
  );

  it('begins with an example that does what its comments say', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    vi.stubEnv('STORE_PATH', join(await temporaryFolder(), 'store'));
    onTestFinished(() => {
      vi.unstubAllEnvs();
      log.mockRestore();
    });
    await import('../examples/registry.ts');
    expect(log.mock.calls.map(([line]) => line)).toEqual(['$2b$10$...', 'conflict']);
  });
});
