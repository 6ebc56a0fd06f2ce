import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'e2e',
    // Browsers and package managers want the machine for themselves: after all other projects, one file at a time.
    sequence: { groupOrder: 1 },
    maxWorkers: 1,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
