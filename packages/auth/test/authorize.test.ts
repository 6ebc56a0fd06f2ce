import { describe, expect, it } from 'vitest';
import { basicAuthorization } from '../src/index.ts';
import { createTestAuth } from '../src/testing/index.ts';

const KEY = 'k'.repeat(32);
const ADMIN_KEY = 'the admin secret';

async function setUp() {
  const auth = createTestAuth({ adminSecretKey: ADMIN_KEY });
  await auth.register('client', KEY);
  return auth;
}

describe('authorize', () => {
  it('recognizes a client by its key or its token', async () => {
    const auth = await setUp();
    const token = await auth.login('client', KEY);
    const client = { clientID: 'client', admin: false };
    expect(await auth.authorize(basicAuthorization('client', KEY))).toEqual(client);
    expect(await auth.authorize(`Bearer ${token}`)).toEqual(client);
  });

  it('recognizes the admin by the secret, whatever the client ID', async () => {
    const auth = await setUp();
    const admin = { clientID: '', admin: true };
    expect(await auth.authorize(basicAuthorization('', ADMIN_KEY))).toEqual(admin);
    expect(await auth.authorize(basicAuthorization('client', ADMIN_KEY))).toEqual(admin);
  });

  it('recognizes no admin if none is configured', async () => {
    const auth = createTestAuth();
    await expect(auth.authorize(basicAuthorization('', ADMIN_KEY))).rejects.toThrow('unauthorized');
    await expect(auth.authorize(basicAuthorization('', ''))).rejects.toThrow('unauthorized');
  });

  it('refuses to start with an empty admin secret', () => {
    expect(() => createTestAuth({ adminSecretKey: '' })).toThrow('admin secret key is empty');
  });

  it.each([
    ['no header', undefined, 'authentication failed: invalid auth header'],
    ['an unreadable header', 'Basic ???', 'authentication failed: invalid auth header'],
    ['bearer in lower case', 'bearer abc', 'authentication failed: invalid auth header'],
    ['an unknown token', 'Bearer abc', 'authentication failed: token is invalid'],
    ['an empty client ID', basicAuthorization('', KEY), 'authentication failed: unauthorized'],
    ['a wrong key', basicAuthorization('client', 'w'.repeat(32)), 'authentication failed'],
    ['an unknown client', basicAuthorization('stranger', KEY), 'authentication failed'],
    ['an almost right admin secret', basicAuthorization('', `${ADMIN_KEY} `), 'authentication failed: unauthorized'],
  ])('refuses %s', async (_, header, message) => {
    const auth = await setUp();
    await expect(auth.authorize(header)).rejects.toMatchObject({ code: 'unauthorized', message });
  });
});
