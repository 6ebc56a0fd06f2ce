import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'e2e',
    // Browsers and package managers want the machine for themselves: vitest runs such files after all others, one by one.
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 240_000,
  },
});
