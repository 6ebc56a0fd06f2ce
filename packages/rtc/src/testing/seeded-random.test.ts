import { expect, it } from 'vitest';
import { seededBytes } from './seeded-random.ts';

it('gives the same bytes for the same seed', () => {
  expect(seededBytes(7)(32)).toEqual(seededBytes(7)(32));
  expect(seededBytes(7)(32)).not.toEqual(seededBytes(8)(32));
  expect(seededBytes(7)(32)).toHaveLength(32);
});
