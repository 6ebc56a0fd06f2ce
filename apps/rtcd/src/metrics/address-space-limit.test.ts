import { expect, it } from 'vitest';
import { parseAddressSpaceLimit } from './address-space-limit.ts';

const HEADER = 'Limit                     Soft Limit           Hard Limit           Units     \n';

it('reads the soft limit', () => {
  const line = 'Max address space         8589934592           unlimited            bytes     \n';
  expect(parseAddressSpaceLimit(HEADER + line)).toBe(8_589_934_592);
});

it('reports no limit as the largest number of 64 bits', () => {
  const line = 'Max address space         unlimited            unlimited            bytes     \n';
  expect(parseAddressSpaceLimit(HEADER + line)).toBe(1.8446744073709552e19);
});
