import { setFlagsFromString } from 'node:v8';

/** Initial size of each half of a thread's young generation: the media thread does not let its own grow further anyway. */
const SEMI_SPACE_MIB = 2;

/**
 * Keeps the young generation of this thread at about the size that it has, and gives threads that are started from here on one of a fixed size. By default, it grows to 64 MiB in
 * a flood of messages, and V8 gives that back only when the thread has been idle for long.
 */
export function fixYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString(`--min-semi-space-size=${SEMI_SPACE_MIB}`);
}
