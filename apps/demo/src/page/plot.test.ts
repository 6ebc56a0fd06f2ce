import { expect, it } from 'vitest';
import { plotPoints, plotSeconds } from './plot.ts';

it('puts the newest value at the right, the highest at the top and zero at the bottom', () => {
  expect(plotPoints([0, 50, 100], 100, plotSeconds - 1, 20)).toBe('57.0,20.0 58.0,10.0 59.0,0.0');
});

it('stays in its box', () => {
  expect(plotPoints([500], 100, 590, 20)).toBe('590.0,0.0');
  expect(plotPoints([0], 0, 590, 20)).toBe('590.0,20.0');
  expect(plotPoints([], 0, 590, 20)).toBe('');
});
