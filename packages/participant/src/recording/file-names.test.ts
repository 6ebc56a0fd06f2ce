import { expect, it } from 'vitest';
import { FileNames } from './file-names.ts';

it.each([
  ['8s1g3yxq', 'voice-8s1g3yxq.ogg'],
  ['../../etc/passwd', 'voice-______etc_passwd.ogg'],
  ['a\u0000b c;$(d)', 'voice-a_b_c___d_.ogg'],
  ['x'.repeat(500), `voice-${'x'.repeat(64)}.ogg`],
])('the name of a file of session %j is safe', (sessionID, name) => {
  expect(new FileNames().next('voice', sessionID, 'ogg')).toBe(name);
});

it('each name is used once, on file systems that ignore case too', () => {
  const names = new FileNames();
  const sessions = ['a/b', 'a_b', 'A_B'];
  expect(sessions.map((sessionID) => names.next('screen', sessionID, 'webm'))).toEqual([
    'screen-a_b.webm',
    'screen-a_b-2.webm',
    'screen-A_B-3.webm',
  ]);
});
