import { expect, it } from 'vitest';
import { clientLabel } from './client-label.ts';

it('is the ID itself if it is short', () => {
  expect(clientLabel('')).toBe('');
  expect(clientLabel('x'.repeat(64))).toBe('x'.repeat(64));
});

it('is short for a long ID, and differs for IDs that differ at the end', () => {
  const labels = ['a', 'b', 'c'].map((end) => clientLabel('x'.repeat(1000) + end));
  expect(new Set(labels).size).toBe(3);
  for (const label of labels) expect(label).toMatch(/^x{48}~[0-9a-f]{32}$/);
});

it('is not that of an ID that looks like a label', () => {
  const label = clientLabel('x'.repeat(1000));
  expect(clientLabel(label)).not.toBe(label);
});
