import { describe, expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import { Call, type CallMember } from './call.ts';
import { Calls } from './calls.ts';
import type { PublishedTrack } from './published-track.ts';

class Member implements CallMember {
  readonly sessionID: string;
  readonly av1Support = false;
  wanted: readonly string[] = [];
  readonly #call: Call<Member>;

  constructor(sessionID: string, call: Call<Member>) {
    this.sessionID = sessionID;
    this.#call = call;
  }

  canDecode(): boolean {
    return true;
  }

  onTracksChanged(): void {
    this.wanted = this.#call.tracksFor(this).wanted.map(({ id }) => id);
  }
}

const track = (id: string, senderID: string, type: PublishedTrack['type'] = 'voice'): PublishedTrack => ({
  id,
  kind: 'audio',
  type,
  senderID,
  mimeType: 'audio/opus',
  clockRate: 48_000,
  levels: [],
  attach() {},
  detach() {},
});

function callOf(...sessionIDs: string[]) {
  const call = new Call<Member>('group', 'call');
  const members = sessionIDs.map((sessionID) => new Member(sessionID, call));
  for (const member of members) call.add(member, 0);
  return { call, members };
}

describe('Call', () => {
  it('sends each member the tracks of all others', () => {
    const { call, members } = callOf('a', 'b', 'c');
    call.changeTracks([], [track('ta', 'a')], 0);
    call.changeTracks([], [track('tb', 'b')], 0);
    expect(members.map(({ wanted }) => wanted)).toEqual([['tb'], ['ta'], ['ta', 'tb']]);
  });

  it('gives a late joiner everything at once', () => {
    const { call } = callOf('a', 'b');
    call.changeTracks([], [track('ta', 'a')], 0);
    call.changeTracks([], [track('tb', 'b')], 0);
    const late = new Member('late', call);
    call.add(late, 0);
    expect(late.wanted).toEqual(['ta', 'tb']);
  });

  it('removes the tracks and the screen of a leaving member', () => {
    const { call, members } = callOf('a', 'b');
    call.changeTracks([], [track('ta', 'a')], 0);
    call.shareScreen('a', 'screen');
    call.remove(members[0]!, 0);
    expect(members[1]?.wanted).toEqual([]);
    expect(() => call.shareScreen('b', 'other')).not.toThrow();
  });

  it('shows one screen at a time', () => {
    const { call } = callOf('a', 'b');
    call.shareScreen('a', 'screen');
    expect(() => call.shareScreen('b', 'other')).toThrow(RtcError);
    expect(call.isScreen('a', 'screen')).toBe(true);
    expect(call.isScreen('b', 'other')).toBe(false);
    call.unshareScreen('b');
    expect(call.isScreen('a', 'screen')).toBe(true);
    call.unshareScreen('a');
    expect(() => call.shareScreen('b', 'other')).not.toThrow();
  });

  it('combines tracks that end and begin at once into one change', () => {
    const { call, members } = callOf('a', 'b');
    const [voice, sound] = [track('voice', 'a'), track('sound', 'a', 'screen-audio')];
    call.changeTracks([], [voice], 0);
    const seen: (readonly string[])[] = [];
    members[1]!.onTracksChanged = () => seen.push(call.tracksFor(members[1]!).wanted.map(({ id }) => id));
    call.changeTracks([voice], [sound], 0);
    expect(seen).toEqual([['sound']]);
  });
});

describe('Calls', () => {
  it('separates calls with the same id by group, and forgets empty ones', () => {
    const calls = new Calls<Member>();
    const first = calls.open('group 1', 'call');
    const second = calls.open('group 2', 'call');
    const [a, b] = [new Member('a', first), new Member('b', second)];
    expect(first).not.toBe(second);
    first.add(a, 0);
    second.add(b, 0);
    expect(calls.open('group 1', 'call')).toBe(first);
    calls.remove(first, a, 0);
    expect(calls.open('group 1', 'call')).not.toBe(first);
    expect(calls.open('group 2', 'call')).toBe(second);
  });
});
