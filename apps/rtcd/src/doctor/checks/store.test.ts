import { StoreError } from '@rtcd/store';
import { expect, it } from 'vitest';
import { explainStoreError, judgeSpace } from './store.ts';

const failed = (code: string) =>
  new StoreError('unavailable', 'cannot use db', { cause: Object.assign(new Error(code), { code }) });

it.each([
  [failed('EACCES'), 'chown'],
  [failed('EROFS'), 'a file system that can be written to'],
  [failed('ENOSPC'), 'Free space'],
  [new StoreError('unavailable', 'it contains other files'), 'store.data_source'],
  [new StoreError('corrupt', 'data.mdb is empty'), 'register again'],
])('advises on %s', (error, advice) => {
  expect(explainStoreError(error)).toMatchObject({ level: 'error', advice: expect.stringContaining(advice) });
});

it.each([
  [64 * 1024 * 1024, 'ok'],
  [64 * 1024 * 1024 - 1, 'warning'],
])('judges %d free bytes: %s', (bytes, level) => {
  expect(judgeSpace('db', bytes)).toMatchObject({ level });
});
