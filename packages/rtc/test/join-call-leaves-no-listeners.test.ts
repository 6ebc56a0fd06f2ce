import { expect, it, onTestFinished } from 'vitest';
import { openSfu } from '../src/index.ts';
import { joinCall } from '../src/testing/index.ts';

it('joins and leaves leave no listeners behind, and many participants at a time need no more of them', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error) => warnings.push(warning);
  process.on('warning', onWarning);
  const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
  onTestFinished(async () => {
    await sfu.close();
    process.off('warning', onWarning);
  });
  const listeners = () => sfu.listenerCount('message') + sfu.listenerCount('sessionClosed');

  const first = await joinCall(sfu, { sessionID: 'first' });
  const listenersOfOne = listeners();
  const others = await Promise.all(Array.from({ length: 11 }, (_, i) => joinCall(sfu, { sessionID: `other-${i}` })));
  expect(listeners()).toBe(listenersOfOne);
  for (const participant of [first, ...others]) await participant.close();
  for (const sessionID of ['first', ...others.map((_, i) => `other-${i}`)]) sfu.leave('group', sessionID);
  const again = await joinCall(sfu, { sessionID: 'first' });
  expect(listeners()).toBe(listenersOfOne);
  await again.close();
  expect(warnings.filter(({ name }) => name === 'MaxListenersExceededWarning')).toEqual([]);
});
