import { RtcMessageType } from '@rtcd/protocol';
import { expect, it } from 'vitest';
import type { EngineEvent } from '../sfu/messages.ts';
import { EventQueue } from './event-queue.ts';

const message = (session: number, type: RtcMessageType, id = 0): EngineEvent => {
  const ids = { groupID: 'group', callID: 'call', userID: 'user', sessionID: `session-${session}` };
  return { type: 'message', session, message: { ...ids, type, data: Uint8Array.of(id) } };
};
const closed = (session: number): EngineEvent => ({ type: 'session_closed', session, reason: 'left' });
const refused = (session: number): EngineEvent => ({
  type: 'refused',
  session,
  groupID: 'group',
  sessionID: `session-${session}`,
  code: 'invalid_message',
  reason: 'none of ours',
});

it('hands over events in their order, once', () => {
  const queue = new EventQueue();
  const events = [message(1, RtcMessageType.SDP), refused(2), message(1, RtcMessageType.VoiceOn), closed(1)];
  for (const event of events) queue.add(event);
  expect(queue.take()).toEqual({ events, dropped: 0, interrupted: [] });
  expect(queue.take()).toEqual({ events: [], dropped: 0, interrupted: [] });
});

it('is bounded by the number of sessions, and counts what it drops', () => {
  const queue = new EventQueue();
  const [sessions, rounds] = [10, 1_000];
  for (let round = 0; round < rounds; round++) {
    for (let session = 1; session <= sessions; session++) {
      queue.add(message(session, RtcMessageType.SDP, round % 256));
      queue.add(message(session, round % 2 === 0 ? RtcMessageType.VoiceOn : RtcMessageType.VoiceOff));
      queue.add(refused(session));
    }
  }
  const { events, dropped } = queue.take();
  expect(events.length + dropped).toBe(3 * sessions * rounds);
  expect(events.filter(({ type }) => type === 'message')).toHaveLength(sessions * (4 + 1));
  expect(events.filter(({ type }) => type === 'refused')).toHaveLength(1_000);
});

it('drops what is superseded: the earliest descriptions of a session, and its earlier voice activity', () => {
  const queue = new EventQueue();
  for (let id = 1; id <= 6; id++) queue.add(message(1, RtcMessageType.SDP, id));
  queue.add(message(2, RtcMessageType.SDP, 1));
  for (const type of [RtcMessageType.VoiceOn, RtcMessageType.VoiceOff]) queue.add(message(2, type));
  const { events, dropped, interrupted } = queue.take();
  expect(events).toEqual([
    ...[3, 4, 5, 6].map((id) => message(1, RtcMessageType.SDP, id)),
    message(2, RtcMessageType.SDP, 1),
    message(2, RtcMessageType.VoiceOff),
  ]);
  expect([dropped, interrupted]).toEqual([3, [1]]);
});

it('never drops the end of a session', () => {
  const queue = new EventQueue();
  for (let session = 1; session <= 20_000; session++) queue.add(closed(session));
  expect(queue.take()).toMatchObject({ events: { length: 20_000 }, dropped: 0 });
});
