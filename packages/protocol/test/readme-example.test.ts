import { readFile } from 'node:fs/promises';
import { expect, it, vi } from 'vitest';

it("the README's example is the one in examples/, and runs", async () => {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
  const example = await readFile(new URL('../examples/messages.ts', import.meta.url), 'utf8');
  expect(/```ts\n(.*?)```/s.exec(readme)?.[1]).toBe(example);

  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  await import('../examples/messages.ts');
  expect(log.mock.calls).toEqual([
    ['got an', 'offer'],
    ['rejected:', 'invalid_message'],
  ]);
  log.mockRestore();
});
