import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { Roster } from './roster.ts';

const config = (groupID: string, callID: string, sessionID: string) => ({
  groupID,
  callID,
  sessionID,
  userID: 'user',
  props: { channelID: callID, av1Support: false, dcSignaling: false },
});

describe('Roster', () => {
  it('lists the sessions of a call in the order of their joins', () => {
    const roster = new Roster(10);
    const [b, a, other] = [config('g', 'c', 'b'), config('g', 'c', 'a'), config('g', 'd', 'o')];
    for (const each of [b, a, other]) roster.add(each);
    expect(roster.sessions('g', 'c')).toEqual([b, a]);
    expect(roster.session('g', 'c', 'a')).toBe(a);
    expect(roster.session('g', 'c', 'o')).toBeUndefined();
    expect(roster.size).toBe(3);
  });

  it('forgets calls and groups with their last session', () => {
    const roster = new Roster(10);
    const number = roster.add(config('g', 'c', 'a'));
    expect(roster.hasGroup('g')).toBe(true);
    expect(roster.remove(number)).toMatchObject({ sessionID: 'a' });
    expect(roster.remove(number)).toBeUndefined();
    expect(roster.hasGroup('g')).toBe(false);
    expect(roster.sessions('g', 'c')).toBeUndefined();
    expect(() => roster.numberOf('g', 'a')).toThrow(new RtcError('unknown_session', 'session a not found'));
  });

  it('gives a session that joins again another number', () => {
    const roster = new Roster(10);
    const first = roster.add(config('g', 'c', 'a'));
    roster.remove(first);
    const second = roster.add(config('g', 'c', 'a'));
    expect(second).not.toBe(first);
    roster.remove(first);
    expect(roster.numberOf('g', 'a')).toBe(second);
  });

  it('separates session IDs by group only', () => {
    const roster = new Roster(10);
    roster.add(config('g', 'c', 'a'));
    roster.add(config('h', 'c', 'a'));
    expect(() => roster.add(config('g', 'd', 'a'))).toThrow(expect.objectContaining({ code: 'session_exists' }));
  });

  it('refuses sessions over the limit, until one is removed', () => {
    const roster = new Roster(1);
    const first = roster.add(config('g', 'c', 'a'));
    expect(() => roster.add(config('g', 'c', 'b'))).toThrow(expect.objectContaining({ code: 'too_many_sessions' }));
    roster.remove(first);
    roster.add(config('g', 'c', 'b'));
    expect(roster.size).toBe(1);
  });

  it.each(['', 'two words', 'line\nbreak', 'x'.repeat(129)])('refuses the session ID %j', (sessionID) => {
    const roster = new Roster(1);
    expect(() => roster.add(config('g', 'c', sessionID))).toThrow(expect.objectContaining({ code: 'invalid_config' }));
    expect(roster.size).toBe(0);
  });
});
