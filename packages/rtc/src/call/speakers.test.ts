import { beforeEach, describe, expect, it } from 'vitest';
import { Speakers } from './speakers.ts';

let speakers: Speakers;
beforeEach(() => {
  speakers = new Speakers();
});

const order = (...sessionIDs: string[]) =>
  sessionIDs.toSorted((one, other) => speakers.rankOf(one) - speakers.rankOf(other)).join('');

describe('the order of speakers', () => {
  it('begins with the one that speaks', () => {
    speakers.setSpeaking('b', true);
    expect(order('a', 'b', 'c')).toBe('bac');
    expect(speakers.rankOf('b')).toBe(0);
    expect(speakers.rankOf('a')).toBe(Number.POSITIVE_INFINITY);
  });

  it('keeps a speaker in front until it falls silent, and puts those who interrupt it behind', () => {
    speakers.setSpeaking('a', true);
    speakers.setSpeaking('b', true);
    speakers.setSpeaking('c', true);
    expect(order('a', 'b', 'c')).toBe('acb');
    speakers.setSpeaking('a', false);
    expect(order('a', 'b', 'c')).toBe('cab');
  });

  it('stays while no member speaks', () => {
    speakers.setSpeaking('a', true);
    speakers.setSpeaking('a', false);
    speakers.setSpeaking('b', true);
    speakers.setSpeaking('b', false);
    expect(order('a', 'b')).toBe('ba');
    speakers.setSpeaking('b', true);
    expect(order('a', 'b')).toBe('ba');
  });

  it('forgets a member that leaves', () => {
    speakers.setSpeaking('a', true);
    speakers.setSpeaking('b', true);
    speakers.remove('a');
    expect(speakers.rankOf('b')).toBe(0);
    expect(speakers.rankOf('a')).toBe(Number.POSITIVE_INFINITY);
  });
});
