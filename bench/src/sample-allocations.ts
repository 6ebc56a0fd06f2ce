import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** By then, participants have joined and code is warm. */
const START_MS = 20_000;
const SAMPLING_INTERVAL_BYTES = 16_384;

/**
 * Preloaded by a server process: samples what is allocated from then on, garbage included, unlike `--heap-prof`. Writes a heap profile for
 * Chromium's developer tools when the process ends.
 */
const session = new Session();
session.connect();
const timer = setTimeout(() => {
  session.post('HeapProfiler.startSampling', {
    samplingInterval: SAMPLING_INTERVAL_BYTES,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  process.on('exit', () => {
    session.post('HeapProfiler.stopSampling', (error, result) => {
      if (error) throw error;
      writeFileSync(join(tmpdir(), `allocations-${process.pid}.heapprofile`), JSON.stringify(result.profile));
    });
  });
}, START_MS);
timer.unref();
