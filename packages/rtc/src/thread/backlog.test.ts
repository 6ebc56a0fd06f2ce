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
  backlog.done(new Map([['group', 2]]));
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
