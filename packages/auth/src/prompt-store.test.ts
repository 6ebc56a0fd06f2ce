import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { promptStore } from './prompt-store.ts';
import { createMemoryKeyValueStore } from './testing/index.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('passes on what the store answers', async () => {
  const store = promptStore(createMemoryKeyValueStore());
  await store.put('key', 'value');
  expect(await store.get('key')).toBe('value');
  await expect(store.put('key', 'other')).rejects.toMatchObject({ code: 'conflict' });
  await store.delete('key');
  await expect(store.get('key')).rejects.toMatchObject({ code: 'not_found' });
  expect(vi.getTimerCount()).toBe(0);
});

it('rejects if the store does not answer', async () => {
  const never = () => new Promise<never>(() => {});
  const store = promptStore({ get: never, put: never, delete: never });
  const answers = [store.get('key'), store.put('key', 'value'), store.delete('key')].map((answer) =>
    expect(answer).rejects.toThrow('the store did not answer within 5000 ms'),
  );
  await vi.advanceTimersByTimeAsync(5_000);
  await Promise.all(answers);
});
