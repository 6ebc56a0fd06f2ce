import { beforeEach, describe, expect, it } from 'vitest';
import type { PublishedLevel, SourceVideo } from '../../call/published-track.ts';
import { emptyPayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { LevelSwitch } from './level-switch.ts';

let asked: string[];
let levels: LevelSwitch;
let low: PublishedLevel;
let high: PublishedLevel;
let nextNumber: number;

const levelOf = (rid: string): PublishedLevel => ({
  rid,
  lastPacketMs: 0,
  rates: () => [],
  requestKeyframe: () => void asked.push(rid),
  cancelKeyframeRequest() {},
});

beforeEach(() => {
  asked = [];
  nextNumber = 0;
  levels = new LevelSwitch();
  low = levelOf('l');
  high = levelOf('h');
  levels.want(low);
});

const history = new PacketHistory(32);
const packet = (level: PublishedLevel): SourceVideo => ({ level, history, payload: emptyPayloadDescriptor() });
const keyframe = (level: PublishedLevel): SourceVideo => ({
  level,
  history,
  payload: { ...emptyPayloadDescriptor(), startsKeyframe: true },
});

/** Takes the next packet of those that arrive. */
const takes = (video: SourceVideo): boolean => levels.takes(nextNumber++, video);

describe('LevelSwitch', () => {
  it('begins with a key frame of the wanted encoding, and requests it', () => {
    expect(asked).toEqual(['l']);
    expect(takes(packet(low))).toBe(false);
    expect(takes(keyframe(high))).toBe(false);
    expect(takes(keyframe(low))).toBe(true);
    expect(takes(packet(low))).toBe(true);
  });

  it('lets the old encoding flow until a key frame of the new one begins', () => {
    takes(keyframe(low));
    levels.want(high);
    expect(asked).toEqual(['l', 'h']);
    expect(takes(packet(high))).toBe(false);
    expect(takes(packet(low))).toBe(true);
    expect(takes(keyframe(high))).toBe(true);
    expect(takes(packet(low))).toBe(false);
    expect(levels.current).toBe(high);
  });

  it('stays where it is when a switch is given up', () => {
    takes(keyframe(low));
    levels.want(high);
    levels.want(low);
    expect(asked).toEqual(['l', 'h']);
    expect(takes(keyframe(high))).toBe(false);
    expect(takes(packet(low))).toBe(true);
  });

  it('waits for another key frame after a restart', () => {
    takes(keyframe(low));
    levels.restart();
    expect(asked).toEqual(['l', 'l']);
    expect(takes(packet(low))).toBe(false);
    expect(takes(keyframe(low))).toBe(true);
  });

  it('requests a key frame of the encoding that flows', () => {
    takes(keyframe(low));
    levels.want(high);
    levels.requestKeyframe();
    expect(asked).toEqual(['l', 'h', 'l']);
  });

  it('does not begin with a key frame whose beginning arrives after its rest, but requests another one', () => {
    takes(keyframe(low));
    levels.want(high);
    expect(levels.takes(12, packet(high))).toBe(false);
    expect(levels.takes(11, keyframe(high))).toBe(false);
    expect(asked).toEqual(['l', 'h', 'h']);
    expect(takes(packet(low))).toBe(true);
    expect(levels.takes(13, keyframe(high))).toBe(true);
    expect(levels.takes(12, packet(high))).toBe(true);
  });

  it('handles the unrelated numbers of another source', () => {
    takes(keyframe(low));
    levels.want(high);
    levels.takes(9_000, packet(high));
    levels.restart(high);
    expect(levels.current).toBe(low);
    expect(levels.takes(1, keyframe(high))).toBe(true);
  });
});
