import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');
const examples = [...read('../README.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

describe('the README', () => {
  const log = vi.spyOn(console, 'log');
  beforeEach(() => {
    log.mockImplementation(() => {});
  });
  afterEach(() => {
    log.mockReset();
  });

  it.each([
    [0, 'fan-out.ts'],
    [1, 'simulated-network.ts'],
  ])('shows as example %i examples/%s', (index, name) => {
    expect(examples[index]).toBe(read(`../examples/${name}`));
  });

  it('has a fan-out that reaches both listeners', async () => {
    await import('../examples/fan-out.ts');
    expect(log.mock.calls).toEqual([['Ada heard "hello"'], ['Grace heard "hello"']]);
  });

  it('has a simulated network with the loss that it states', async () => {
    await import('../examples/simulated-network.ts');
    expect(log.mock.calls).toEqual([[0], [1000, 1000, true]]);
  });
});
