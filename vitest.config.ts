import { defineConfig } from 'vitest/config';
import type { Reporter } from 'vitest/node';

/** One plain line that a build server can read. */
const summary: Reporter = {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const module of modules) for (const test of module.children.allTests()) counts[test.result().state] += 1;
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  },
};

export default defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', 'e2e', 'bench'],
    reporters: ['default', summary],
  },
});
