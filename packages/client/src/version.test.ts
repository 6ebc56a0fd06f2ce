import { expect, it } from 'vitest';
import { supportsVersion } from './version.ts';

it.each([
  ['v1.0.0', 'v1.0.0', true],
  ['v1.0.1', 'v1.0.0', true],
  ['v1.10.0', 'v1.9.9', true],
  ['v2.0.0', 'v1.9.9', true],
  ['v0.99.99', 'v1.0.0', false],
  ['v1.0.0', 'v1.0.1', false],
  ['v1.2.0-rc1', 'v1.2.0', true],
  ['1.2.0', 'v1.2.0', true],
  ['', 'v9.0.0', true],
  ['master', 'v9.0.0', true],
  ['dev', 'v9.0.0', true],
  ['dev-1234', 'v9.0.0', true],
  ['nonsense', 'v1.0.0', false],
  ['v1.0', 'v1.0.0', false],
  ['v1.0.0', 'nonsense', false],
])('%j satisfies a minimum of %j: %j', (build, minimum, expected) => {
  expect(supportsVersion(build, minimum)).toBe(expected);
});
