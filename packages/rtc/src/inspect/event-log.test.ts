import { describe, expect, it } from 'vitest';
import { EventLog, MAX_EVENTS } from './event-log.ts';

describe('EventLog', () => {
  it('lists events in order, with the time since the join', () => {
    const log = new EventLog(1_000);
    log.record('offer received', 1_012.4, 'by the client');
    log.record('answer sent', 1_013);
    expect(log.events).toEqual([
      { atMs: 12, event: 'offer received', detail: 'by the client' },
      { atMs: 13, event: 'answer sent', detail: '' },
    ]);
    expect(log.lines).toEqual(['12 ms: offer received (by the client)', '13 ms: answer sent']);
  });

  it('keeps only the last events, and truncates long details', () => {
    const log = new EventLog(0);
    for (let index = 0; index < MAX_EVENTS + 5; index++) log.record('ice state', index, 'x'.repeat(10_000));
    expect(log.events.map(({ atMs }) => atMs)).toEqual(Array.from({ length: MAX_EVENTS }, (_, index) => index + 5));
    expect(log.forgotten).toBe(5);
    expect(log.events[0]?.detail).toHaveLength(200);
  });

  it('keeps the first time of each step, and forgets those of a connection that ends', () => {
    const log = new EventLog(100);
    log.reach('offer', 110);
    log.reach('ice', 120);
    log.reach('ice', 130);
    log.reach('dtls', 140);
    expect(log.reachedMs).toEqual({ offer: 10, ice: 20, dtls: 40 });
    log.forgetConnection();
    expect(log.reachedMs).toEqual({ offer: 10, ice: 20 });
  });
});
