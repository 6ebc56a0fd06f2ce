import { defineProject } from 'vitest/config';

export default defineProject({
  test: {
    name: 'rtc',
    // Most are calls in virtual time, which need a core and nothing else: all cores take part, in a turn of their own.
    maxWorkers: '100%',
    sequence: { groupOrder: 1 },
  },
});
