import type { Stack } from '../stack.ts';

/** The columns of the matrix. */
export const stacks: readonly Stack[] = [];
