import { expect, it } from 'vitest';
import { textOf } from '../src/index.ts';

it.each([
  [new RangeError('too far'), 'too far'],
  ['a string', 'a string'],
  [undefined, 'undefined'],
  [404, '404'],
])('reads the text of %o', (thrown, text) => {
  expect(textOf(thrown)).toBe(text);
});
