import { RtcMessageType } from '@rtcd/protocol';
import { expect, it } from 'vitest';
import { RtcError } from '../errors.ts';
import type { EngineCommand } from '../sfu/messages.ts';
import { Backlog } from './backlog.ts';

const RESUME: EngineCommand = { type: 'resume', session: 1 };
const CLOSE: EngineCommand = { type: 'close_session', session: 1, reason: 'left' };

it('refuses commands of a group of which too many wait, until some are done', () => {
  const backlog = new Backlog();
  let taken = 0;
  const fill = () => {
    for (;;) {
      backlog.add(RESUME, 'group');
      taken++;
    }
  };
  expect(fill).toThrow(RtcError);
  expect(fill).toThrow(expect.objectContaining({ code: 'too_many_messages' }));
  backlog.add(RESUME, 'other');
  backlog.done(new Map([['group', { commands: 2, bytes: 0 }]]));
  const before = taken;
  expect(fill).toThrow(RtcError);
  expect(taken - before).toBe(2);
});

it('never refuses the end of a session', () => {
  const backlog = new Backlog();
  const fill = () => {
    for (;;) backlog.add(RESUME, 'group');
  };
  expect(fill).toThrow(RtcError);
  backlog.add(CLOSE, 'group');
  backlog.clear();
  backlog.add(RESUME, 'group');
});

it('refuses commands of a group whose messages take too much memory', () => {
  const backlog = new Backlog();
  const ids = { groupID: 'group', callID: 'call', userID: 'user', sessionID: 'session' };
  const data = new Uint8Array(1 << 20);
  const message: EngineCommand = { type: 'message', session: 1, message: { ...ids, type: RtcMessageType.SDP, data } };
  let taken = 0;
  const fill = () => {
    for (;;) {
      backlog.add(message, 'group');
      taken++;
    }
  };
  expect(fill).toThrow(expect.objectContaining({ code: 'too_many_messages' }));
  expect(taken).toBe(64);
  backlog.add(CLOSE, 'group');
  backlog.add(message, 'other');
  backlog.done(new Map([['group', { commands: 3, bytes: 3 << 20 }]]));
  expect(fill).toThrow(RtcError);
  expect(taken).toBe(67);
});
