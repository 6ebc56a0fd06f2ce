import { describe, expect, it } from 'vitest';
import { bindError } from './bind-error.ts';

describe('a refused bind', () => {
  it.each([
    ['EADDRINUSE', 'address_in_use'],
    ['EADDRNOTAVAIL', 'address_not_available'],
    ['EAFNOSUPPORT', 'address_not_available'],
    ['EACCES', 'permission_denied'],
    ['EPERM', 'permission_denied'],
    ['ENOBUFS', 'listen_failed'],
  ])('for %s is %s, with the address, the port and the cause', (code, expected) => {
    const cause = Object.assign(new Error(`bind ${code}`), { code });
    const error = bindError('TCP', { address: '2001:db8::1', port: 443 }, cause);
    expect(error).toMatchObject({ code: expected, cause });
    expect(error.message).toContain('TCP [2001:db8::1]:443');
  });
});
