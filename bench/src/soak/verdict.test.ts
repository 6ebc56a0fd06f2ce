import { expect, it } from 'vitest';
import { type Sample, sessionsOf } from './sample.ts';
import { defectsOf } from './verdict.ts';
import type { ThreadReport } from './watch-thread.ts';

const MIB = 1024 * 1024;
const THREAD: ThreadReport = {
  thread: 'control',
  atMs: 0,
  isCollected: true,
  residentBytes: 200 * MIB,
  openFiles: 30,
  heapBytes: 20 * MIB,
  heapTotalBytes: 40 * MIB,
  externalBytes: 5 * MIB,
  resources: { Timeout: 3, UDPWRAP: 2 },
  delay: { minMs: 0, meanMs: 0, p50Ms: 0, p99Ms: 1, maxMs: 5, samples: 100 },
};
const BEFORE: Sample = { atSeconds: 0, sessions: 0, joins: 100, control: THREAD, media: THREAD };

function after(control: Partial<ThreadReport>, media: Partial<ThreadReport> = {}, sessions = 0): string[] {
  const state = { ...BEFORE, sessions, control: { ...THREAD, ...control }, media: { ...THREAD, ...media } };
  return defectsOf({ before: BEFORE, after: state, failures: [] });
}

it('finds no defect within the limits', () => {
  expect(after({ residentBytes: 250 * MIB, heapBytes: 25 * MIB, externalBytes: 10 * MIB })).toEqual([]);
  expect(after({ residentBytes: 100 * MIB, openFiles: 29, resources: {} })).toEqual([]);
});

it('finds what has grown', () => {
  expect(after({ residentBytes: 251 * MIB })).toEqual([expect.stringMatching(/^resident bytes/)]);
  expect(after({ openFiles: 31 })).toEqual(['open files: 30 before, 31 after']);
  expect(after({ heapBytes: 26 * MIB })).toEqual([expect.stringMatching(/^heap bytes, control/)]);
  expect(after({}, { externalBytes: 11 * MIB })).toEqual([expect.stringMatching(/^external bytes, media/)]);
  expect(after({}, { resources: { Timeout: 6 } })).toEqual(['active resources, media: 5 before, 6 after']);
  expect(after({}, {}, 1)).toEqual(['sessions: 0 before, 1 after']);
});

it('finds a value that is not a number, and what failed meanwhile', () => {
  expect(after({ residentBytes: Number.NaN })).toHaveLength(1);
  expect(defectsOf({ before: BEFORE, after: BEFORE, failures: ['person-1: session ended'] })).toEqual([
    'person-1: session ended',
  ]);
});

it('adds up the sessions of all installations', () => {
  const text = `# TYPE rtcd_rtc_sessions_total gauge
rtcd_rtc_sessions_total{groupID="people"} 50
rtcd_rtc_sessions_total{groupID="visitors-1"} 12
rtcd_rtc_tracks_total{groupID="people"} 7`;
  expect(sessionsOf(text)).toBe(62);
});
