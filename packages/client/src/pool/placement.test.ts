import { describe, expect, it } from 'vitest';
import { chooseHost, planHosts } from './placement.ts';

const host = (address: string, { flagged = false, calls = 0 } = {}) => ({ address, flagged, calls });
const nothing = { add: [], flag: [], unflag: [], remove: [] };

describe('planHosts', () => {
  it('adds what is new', () => {
    expect(planHosts([host('a')], ['a', 'b', 'c', 'b'])).toEqual({ ...nothing, add: ['b', 'c'] });
  });

  it('changes nothing if nothing changed', () => {
    expect(planHosts([host('a'), host('b', { flagged: true, calls: 1 })], ['a'])).toEqual(nothing);
  });

  it('flags missing hosts with calls, and removes those without', () => {
    expect(planHosts([host('a', { calls: 1 }), host('b')], ['c'])).toEqual({
      add: ['c'],
      flag: ['a'],
      unflag: [],
      remove: ['b'],
    });
  });

  it('unflags hosts that return', () => {
    expect(planHosts([host('a', { flagged: true, calls: 1 })], ['a'])).toEqual({ ...nothing, unflag: ['a'] });
  });

  it('removes flagged hosts that have lost their calls', () => {
    expect(planHosts([host('a', { flagged: true })], ['b'])).toEqual({ ...nothing, add: ['b'], remove: ['a'] });
  });
});

describe('chooseHost', () => {
  const never = () => {
    throw new Error('no need for chance');
  };

  it('chooses the least loaded, except for those without an answer', () => {
    const candidates = [{ address: 'a', cpuLoad: 0.5 }, { address: 'b' }, { address: 'c', cpuLoad: 0.2 }];
    expect(chooseHost(candidates, never)).toBe('c');
  });

  it('chooses the first of equals', () => {
    expect(
      chooseHost(
        ['a', 'b'].map((address) => ({ address, cpuLoad: 0.5 })),
        never,
      ),
    ).toBe('a');
  });

  it.each([
    [0, 'a'],
    [0.49, 'a'],
    [0.5, 'b'],
    [0.99, 'b'],
  ])('draws %d from those without an answer: %s', (random, expected) => {
    expect(chooseHost([{ address: 'a' }, { address: 'b' }], () => random)).toBe(expected);
  });

  it('finds none among none', () => {
    expect(chooseHost([], () => 0)).toBeUndefined();
  });
});
