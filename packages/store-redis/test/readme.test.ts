import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { canRunRedis, startServer } from './harness.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const examples = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

describe('the README', () => {
  it.each(['shared.ts', 'on-a-real-server.ts'].map((name, index) => [name, index] as const))(
    'shows examples/%s unchanged',
    (name, index) => {
      expect(examples[index]).toBe(read(`../examples/${name}`));
    },
  );

  it.runIf(canRunRedis())('has examples that do what their comments say', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    vi.stubEnv('REDIS_URL', (await startServer()).url);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      log.mockRestore();
    });
    await import('../examples/shared.ts');
    await import('../examples/on-a-real-server.ts');
    expect(log.mock.calls.map(([line]) => line)).toEqual(['$2b$10$...', 'conflict', 'value']);
  });
});
