import { describe, expect, it } from 'vitest';
import { Announcements } from './announcements.ts';
import { trackType } from './track-type.ts';

describe('trackType', () => {
  it.each([
    ['audio', undefined, false, 'voice'],
    ['video', undefined, false, undefined],
    ['audio', 'screen', true, 'screen-audio'],
    ['video', 'screen', true, 'screen'],
    ['audio', 'screen', false, undefined],
    ['video', 'screen', false, undefined],
    ['audio', 'video', false, 'voice'],
    ['video', 'video', false, 'video'],
    ['video', 'video', true, 'video'],
  ] as const)('of %s announced as %s, shared: %s, is %s', (kind, streamClass, isShared, type) => {
    expect(trackType(kind, streamClass, isShared)).toBe(type);
  });
});

describe('Announcements', () => {
  it('keep the first class of a stream', () => {
    const announcements = new Announcements();
    announcements.add('a', 'video');
    announcements.add('a', 'screen');
    announcements.add('b', 'screen');
    expect(['a', 'b', 'c'].map((id) => announcements.classOf(id))).toEqual(['video', 'screen', undefined]);
  });

  it('forget the oldest of many', () => {
    const announcements = new Announcements();
    for (let id = 0; id < 1_000; id++) announcements.add(`${id}`, 'video');
    expect(announcements.classOf('0')).toBeUndefined();
    expect(announcements.classOf('999')).toBe('video');
  });
});
