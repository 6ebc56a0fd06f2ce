import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** Time for the other threads to collect: the resident set is that of all of them. */
const WAIT_MS = 1_000;

/** Called once in each thread of a process. On SIGUSR2, all threads collect their garbage and then call `onCollected`. */
export function collectOnSignal(onCollected: () => void): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const collections = new BroadcastChannel('bench-collections');
  collections.unref();
  const run = () => {
    // The second collection frees what the first one finalized.
    collect();
    collect();
    setTimeout(onCollected, WAIT_MS);
  };
  if (isMainThread) {
    process.on('SIGUSR2', () => {
      collections.postMessage('collect');
      run();
    });
  } else {
    collections.onmessage = run;
  }
}
