import { RtcMessageType } from '@rtcd/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { EngineHost } from './engine-host.ts';
import type { EngineReport, FromEngine, GroupCommand } from './protocol.ts';

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
};

const join = (session: number): GroupCommand => {
  const ids = { groupID: 'group', callID: 'call', userID: 'user', sessionID: `session-${session}` };
  const config = { ...ids, props: { channelID: 'channel', av1Support: false, dcSignaling: false } };
  return { groupID: 'group', command: { type: 'open_session', session, config } };
};

async function start() {
  const posted: FromEngine[] = [];
  const host = new EngineHost((message) => posted.push(message));
  await host.open({ udpAddress: '127.0.0.1', udpPort: 0 });
  onTestFinished(() => host.receive({ type: 'close' }));
  // The report of what was logged before it was open.
  host.receive({ type: 'received' });
  posted.length = 0;
  const reports = () => posted.filter((message): message is EngineReport => message.type === 'report');
  return { host, posted, reports };
}

const leave = (session: number): GroupCommand => ({
  groupID: 'group',
  command: { type: 'close_session', session, reason: 'left' },
});

it('sends no report before its owner has taken the last one, and then one with all that happened', async () => {
  const { host, reports } = await start();
  host.receive({ type: 'commands', commands: [join(1)] });
  await turns();
  expect(reports()).toHaveLength(1);
  for (const session of [2, 3, 4]) {
    host.receive({ type: 'commands', commands: [join(session)] });
    await turns();
  }
  expect(reports()).toHaveLength(1);

  host.receive({ type: 'received' });
  await turns();
  expect(reports().map(({ done }) => done.get('group')?.commands)).toEqual([1, 3]);

  host.receive({ type: 'received' });
  await turns();
  expect(reports()).toHaveLength(2);
});

it('reports before it answers, whatever its owner has taken', async () => {
  const { host, posted, reports } = await start();
  host.receive({ type: 'commands', commands: [join(1)] });
  await turns();
  host.receive({ type: 'commands', commands: [join(2)] });
  host.receive({ type: 'question', id: 7, question: { type: 'sessions' } });
  expect(posted.slice(-2).map(({ type }) => type)).toEqual(['report', 'answer']);
  host.receive({ type: 'commands', commands: [join(3)] });
  host.receive({ type: 'received' });
  await turns();
  expect(reports()).toHaveLength(2);
  host.receive({ type: 'received' });
  await turns();
  expect(reports()).toHaveLength(3);
});

it('does commands of many messages in one turn for a few milliseconds only, and answers once all before the question are done', async () => {
  const { host, posted, reports } = await start();
  for (let session = 1; session <= 1_000; session++) host.receive({ type: 'commands', commands: [join(session)] });
  host.receive({ type: 'question', id: 1, question: { type: 'sessions' } });
  const answer = () => posted.find((message) => message.type === 'answer');
  const done = () => reports().reduce((sum, report) => sum + (report.done.get('group')?.commands ?? 0), 0);
  expect(answer()).toBeUndefined();
  await new Promise(setImmediate);
  expect(done()).toBeLessThan(1_000);
  while (answer() === undefined) await turns();
  expect(answer()).toMatchObject({ id: 1, answer: { length: 1_000 } });
  expect(done()).toBe(1_000);
});

it('reads one description in a turn', async () => {
  const { host, posted } = await start();
  const ids = { groupID: 'group', callID: 'call', userID: 'user' };
  const description = (session: number): GroupCommand => {
    const message = { ...ids, sessionID: `session-${session}`, type: RtcMessageType.SDP, data: Buffer.from('none') };
    return { groupID: 'group', command: { type: 'message', session, message } };
  };
  const answer = () => posted.find((message) => message.type === 'answer');
  host.receive({ type: 'commands', commands: [join(1), join(2), join(3)] });
  host.receive({ type: 'question', id: 1, question: { type: 'sessions' } });
  while (answer() === undefined) await turns();
  posted.length = 0;

  host.receive({ type: 'commands', commands: [1, 2].map(description) });
  host.receive({ type: 'question', id: 2, question: { type: 'sessions' } });
  expect(answer()).toBeUndefined();
  await turns();
  // Sessions end whose first description is refused.
  expect(answer()).toMatchObject({ id: 2, answer: { length: 1 } });
});

it('reports the end of each session to an owner that was busy for long', async () => {
  const { host, reports } = await start();
  const ended = () => reports().flatMap(({ events }) => events.map(({ session }) => session));
  for (let session = 1; session <= 500; session++) {
    host.receive({ type: 'commands', commands: [join(session), leave(session)] });
    if (session % 100 === 0) await turns();
  }
  expect(ended().length).toBeLessThan(500);
  while (ended().length < 500) {
    host.receive({ type: 'received' });
    await turns();
  }
  expect(new Set(ended()).size).toBe(500);
});

it('answers a question that it fails to answer with the error', () => {
  const posted: FromEngine[] = [];
  const host = new EngineHost((message) => posted.push(message));
  // There is no engine yet.
  host.receive({ type: 'question', id: 1, question: { type: 'sessions' } });
  expect(posted.at(-1)).toMatchObject({ type: 'answer_failed', id: 1, error: { type: 'TypeError' } });
});
