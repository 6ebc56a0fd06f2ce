import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

const EXAMPLE = new URL('../examples/start-a-server.ts', import.meta.url);
const README = new URL('../README.md', import.meta.url);

it('shows the example in the README, and the example does what its comments say', async () => {
  const readme = await readFile(README, 'utf8');
  const code = /```ts\n(.*?)```/s.exec(readme)?.[1];
  expect(code).toBe(await readFile(EXAMPLE, 'utf8'));

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import(EXAMPLE.href);
  expect(log.mock.calls).toEqual([[{ cpu_load: 0.25 }], [{ code: '400', error: 'login failed: I do not know you' }]]);
  log.mockRestore();
});
