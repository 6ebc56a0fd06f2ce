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
    const names = ['call', 'turn-credentials', 'simulated-call'];
    expect(shown).toEqual(names.map((name) => read(`../examples/${name}.ts`)));
  });

  it('has a call that works', async () => {
    const lines = await linesOf(() => import('../examples/call.ts'));
    expect(lines.slice(0, 2)).toEqual(['bob heard 1 packet of alice', 'alice is gone: left']);
  });

  it('has credentials for TURN that expire', async () => {
    expect(await linesOf(() => import('../examples/turn-credentials.ts'))).toEqual(['1 server for 1767229200:alice']);
  });

  it('has a simulated call that works', async () => {
    expect(await linesOf(() => import('../examples/simulated-call.ts'))).toEqual(['dave got most of it']);
  });
});
