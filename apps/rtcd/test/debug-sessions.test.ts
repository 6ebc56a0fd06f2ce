import { basicAuthorization } from '@rtcd/auth';
import type { SessionSnapshot, SessionSummary } from '@rtcd/rtc';
import { expect, it } from 'vitest';
import { connectClient, joinHeadless, startWithMedia, talk, untilHears } from './headless-calls.ts';
import { ADMIN_KEY, ask } from './support.ts';

const authorization = basicAuthorization('', ADMIN_KEY);

it('shows the admin the sessions of a running call', async () => {
  const security = { allow_self_registration: true, enable_admin: true, admin_secret_key: ADMIN_KEY };
  const rtcd = await startWithMedia({ config: { api: { security } } });
  const client = await connectClient(rtcd);
  const alice = await joinHeadless(client, 'alice');
  const bob = await joinHeadless(client, 'bob');
  await untilHears(bob, 'alice', client);
  await talk(alice, 'alice', bob, 10);

  const list = await ask(`${rtcd.url}/debug/sessions`, { authorization });
  const summaries: SessionSummary[] = JSON.parse(list.body);
  expect(summaries.map(({ groupID, sessionID }) => [groupID, sessionID])).toEqual([
    ['client', 'alice'],
    ['client', 'bob'],
  ]);

  const one = await ask(`${rtcd.url}/debug/sessions/client/alice`, { authorization });
  const snapshot: SessionSnapshot = JSON.parse(one.body);
  expect(snapshot).toMatchObject({
    ...summaries[0],
    ageMs: expect.any(Number),
    ice: { state: 'connected' },
    incoming: [{ type: 'voice', packets: 10, lost: 0 }],
  });

  const capturing = ask(`${rtcd.url}/debug/sessions/client/alice/capture?seconds=0.5`, { authorization });
  const refused = await ask(`${rtcd.url}/debug/sessions/client/alice/capture?seconds=0.5`, { authorization });
  expect(refused.status).toBe(409);
  const capture = await capturing;
  expect([capture.status, capture.body.startsWith('\n\r\r\n')]).toEqual([200, true]);

  const none = await ask(`${rtcd.url}/debug/sessions/client/nobody`, { authorization });
  expect([none.status, none.body]).toEqual([404, 'session nobody not found\n']);
});
