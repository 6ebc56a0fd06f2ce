import { beforeEach, describe, expect, it } from 'vitest';
import type { PublishedLevel, SourceVideo } from '../../call/published-track.ts';
import { emptyPayloadDescriptor } from '../../codecs/payload-descriptor.ts';
import { PacketHistory } from '../../rtp/packet-history.ts';
import { LevelSwitch } from './level-switch.ts';

let asked: string[];
let levels: LevelSwitch;
let low: PublishedLevel;
let high: PublishedLevel;

const levelOf = (rid: string): PublishedLevel => ({
  rid,
  bitrateBps: () => 100_000,
  requestKeyframe: () => void asked.push(rid),
});

beforeEach(() => {
  asked = [];
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

describe('LevelSwitch', () => {
  it('begins with a key frame of the wanted encoding, and asks for it', () => {
    expect(asked).toEqual(['l']);
    expect(levels.takes(packet(low))).toBe(false);
    expect(levels.takes(keyframe(high))).toBe(false);
    expect(levels.takes(keyframe(low))).toBe(true);
    expect(levels.takes(packet(low))).toBe(true);
  });

  it('lets the old encoding flow until a key frame of the new one begins', () => {
    levels.takes(keyframe(low));
    levels.want(high);
    expect(asked).toEqual(['l', 'h']);
    expect(levels.takes(packet(high))).toBe(false);
    expect(levels.takes(packet(low))).toBe(true);
    expect(levels.takes(keyframe(high))).toBe(true);
    expect(levels.takes(packet(low))).toBe(false);
    expect(levels.current).toBe(high);
  });

  it('stays where it is when a switch is given up', () => {
    levels.takes(keyframe(low));
    levels.want(high);
    levels.want(low);
    expect(asked).toEqual(['l', 'h']);
    expect(levels.takes(keyframe(high))).toBe(false);
    expect(levels.takes(packet(low))).toBe(true);
  });

  it('waits for another key frame after a restart', () => {
    levels.takes(keyframe(low));
    levels.restart();
    expect(asked).toEqual(['l', 'l']);
    expect(levels.takes(packet(low))).toBe(false);
    expect(levels.takes(keyframe(low))).toBe(true);
  });

  it('asks the encoding that flows for a key frame', () => {
    levels.takes(keyframe(low));
    levels.want(high);
    levels.requestKeyframe();
    expect(asked).toEqual(['l', 'h', 'l']);
  });
});
