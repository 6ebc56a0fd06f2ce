import { expect, it } from 'vitest';
import { ApiError, describeForClient } from './errors.ts';

it('sends a client the message of an error meant for it, and no other', () => {
  expect(describeForClient(new ApiError('forbidden', 'no'))).toEqual({ status: 403, message: 'no' });
  expect(describeForClient(new ApiError('listen_failed', 'a path'))).toEqual({
    status: 500,
    message: 'internal error',
  });
  expect(describeForClient(new Error('a secret'))).toEqual({ status: 500, message: 'internal error' });
});
