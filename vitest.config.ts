import { defineConfig } from 'vitest/config';
import { testSummary } from './e2e/src/test-summary.ts';

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'e2e', 'e2e/interop/programs', 'bench', 'fuzz', 'chaos'],
    reporters: ['default', testSummary],
  },
});
