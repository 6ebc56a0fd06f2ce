import { expect, it } from 'vitest';
import { visitOf } from './visit.ts';

const VISITS = Array.from({ length: 1_000 }, (_, index) => visitOf(index));
const count = (isMeant: (visit: (typeof VISITS)[number]) => boolean) => VISITS.filter(isMeant).length;

it('ends visits in every way, most of them by their client', () => {
  expect(count(({ ending }) => ending === 'leave')).toBe(700);
  for (const rare of ['close', 'vanish', 'unconnected']) expect(count(({ ending }) => ending === rare)).toBe(100);
});

it('has visits stay for 2 to 15 s', () => {
  const stays = VISITS.map(({ stayMs }) => stayMs);
  expect(Math.min(...stays)).toBeGreaterThanOrEqual(2_000);
  expect(Math.max(...stays)).toBeLessThan(15_000);
  expect(stays.reduce((sum, stay) => sum + stay) / stays.length).toBeCloseTo(8_500, -3);
});

it('spreads visits over calls of three and installations of a hundred', () => {
  expect(new Set(VISITS.map(({ callID }) => callID)).size).toBe(334);
  expect(new Set(VISITS.map(({ installation }) => installation)).size).toBe(10);
});
