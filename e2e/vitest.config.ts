import { configDefaults, defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'e2e',
    // Browsers and package managers want the machine for themselves: vitest runs such files after all others, one by one.
    maxWorkers: 1,
    // These are built in a project of their own.
    exclude: [...configDefaults.exclude, 'interop/programs/**'],
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
