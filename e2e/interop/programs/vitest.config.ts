import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'e2e-programs',
    // Compilers want cores, as calls in virtual time do, and not the quiet that browsers want.
    maxWorkers: '100%',
    sequence: { groupOrder: 1 },
    testTimeout: 600_000,
  },
});
