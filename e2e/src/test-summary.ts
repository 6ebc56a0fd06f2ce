import type { Reporter, TestCase } from 'vitest/node';

type Counts = Record<ReturnType<TestCase['result']>['state'], number>;

/**
 * Prints the outcome of a run as one plain line that a build server can read. Files that cannot be loaded, hooks that
 * throw, errors outside of tests and tests that never ran count as failed: a run that did not pass never says "0 failed".
 */
export const testSummary: Reporter = {
  onTestRunEnd(modules, unhandledErrors, reason) {
    const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const suite of [module, ...module.children.allSuites()]) if (suite.errors().length > 0) counts.failed++;
      for (const test of module.children.allTests()) counts[test.result().state]++;
    }
    const failed = Math.max(counts.failed + counts.pending, reason === 'passed' ? 0 : 1);
    console.log(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped`);
  },
};
