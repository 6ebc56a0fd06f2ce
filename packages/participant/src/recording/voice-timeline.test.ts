import { describe, expect, it } from 'vitest';
import { VoiceTimeline } from './voice-timeline.ts';

const PACKET = Uint8Array.of(0xf8, 1);

function setup() {
  const written: string[] = [];
  const timeline = new VoiceTimeline((packet, durationMs) => {
    written.push(packet === PACKET ? 'voice' : `silence ${durationMs}`);
  });
  const add = (atMs: number, followsLoss = false) =>
    timeline.add({ packet: PACKET, durationMs: 20, atMs, followsLoss });
  return { timeline, written, add };
}

describe('the timeline of a voice', () => {
  it('has silence before the first packet, and in pauses', () => {
    const { timeline, written, add } = setup();
    add(140);
    add(160);
    add(300);
    expect(written).toEqual(['silence 120', 'silence 20', 'voice', 'voice', 'silence 120', 'voice']);
    expect(timeline.endMs).toBe(320);
  });

  it('has a lost packet as silence', () => {
    const { written, add } = setup();
    add(0);
    add(40, true);
    expect(written).toEqual(['voice', 'silence 20', 'voice']);
  });

  it('ignores jitter, and corrects drift in both directions', () => {
    const { timeline, written, add } = setup();
    for (let packet = 0; packet < 1_000; packet++) add(packet * 20.5);
    expect(Math.abs(timeline.endMs - 1_000 * 20.5)).toBeLessThanOrEqual(60);
    expect(written.filter((it) => it !== 'voice').length).toBeLessThan(40);
    const fast = setup();
    for (let packet = 0; packet < 1_000; packet++) fast.add(packet * 19.5);
    expect(Math.abs(fast.timeline.endMs - 1_000 * 19.5)).toBeLessThanOrEqual(80);
    expect(fast.written).not.toContain('silence 20');
  });

  it('is filled up to a time, and takes no packet from before it', () => {
    const { timeline, written, add } = setup();
    timeline.fill(1_000);
    add(900);
    expect(timeline.endMs).toBe(1_000);
    expect(written).not.toContain('voice');
    timeline.fill(500);
    expect(timeline.endMs).toBe(1_000);
  });
});
