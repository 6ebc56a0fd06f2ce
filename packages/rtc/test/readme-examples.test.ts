import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished, vi } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const shown = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

const linesOf = async (run: () => Promise<unknown>) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  onTestFinished(() => log.mockRestore());
  await run();
  return log.mock.calls.map(([line]) => line);
};

describe('the README', () => {
  it('shows the examples unchanged', () => {
    expect(shown).toEqual([read('../examples/call.ts'), read('../examples/simulated-call.ts')]);
  });

  it('has a call that works', async () => {
    const lines = await linesOf(() => import('../examples/call.ts'));
    expect(lines.slice(0, 2)).toEqual(['bob heard 1 packet of alice', 'alice is gone: left']);
  });

  it('has a simulated call that works', async () => {
    expect(await linesOf(() => import('../examples/simulated-call.ts'))).toEqual(['dave got most of it']);
  });
});
