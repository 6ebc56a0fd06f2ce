import { configDefaults, defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'e2e',
    // Browsers and package managers want the machine for themselves: these files run after all others, one by one.
    maxWorkers: 1,
    sequence: { groupOrder: 2 },
    // These are built in a project of their own.
    exclude: [...configDefaults.exclude, 'interop/programs/**'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
