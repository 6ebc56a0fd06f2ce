import { setTimeout as wait } from 'node:timers/promises';

/** A rule that was broken. */
export class ChaosFinding extends Error {
  override readonly name = 'ChaosFinding';
}

/** Longer than everything that heals by itself takes: an offer that was lost is repeated after 10 s. */
const LIMIT_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** Resolves when the condition holds. Rejects with a `ChaosFinding` if that takes too long. */
export async function until(condition: () => boolean, text: string | (() => string)): Promise<void> {
  const endMs = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > endMs) {
      throw new ChaosFinding(`after ${LIMIT_MS / 1_000} s: ${typeof text === 'string' ? text : text()}`);
    }
    await wait(LOOK_EVERY_MS);
  }
}

/** Resolves or rejects as `promise` does. Rejects with a `ChaosFinding` if that takes too long. */
export async function inTime<T>(promise: Promise<T>, text: string): Promise<T> {
  let isSettled = false;
  const settled = promise.finally(() => {
    isSettled = true;
  });
  settled.catch(() => {});
  await until(() => isSettled, text);
  return settled;
}
