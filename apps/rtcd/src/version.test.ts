import { expect, it } from 'vitest';
import { buildVersion } from './version.ts';

it('is what clients can compare once it is released, and dev before', () => {
  expect(buildVersion('1.2.3', false)).toBe('v1.2.3');
  expect(buildVersion('1.2.3', true)).toBe('dev-1.2.3');
  expect(buildVersion('0.9.0', false)).toBe('dev-0.9.0');
});
