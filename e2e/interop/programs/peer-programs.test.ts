import { expect, it } from 'vitest';
import { stacks } from '../src/stacks/index.ts';

const built = stacks.filter(({ build }) => build !== undefined);

// The tests that run the programs come later, and build only what has changed since.
it.each(built)('builds the peer program of $name', async (stack) => {
  const missing = await stack.missing();
  if (missing === undefined) await expect(stack.build?.()).resolves.toBeDefined();
  else console.warn(`skipping the peer program of ${stack.name}: it needs ${missing}`);
});
