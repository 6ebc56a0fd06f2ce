import { readFile } from 'node:fs/promises';
import { Gauge, type Registry } from 'prom-client';

const PROCESS_LIMITS = '/proc/self/limits';

/** A limit that is not set, as Go's collector reports it: the largest 64-bit number. */
const UNLIMITED = 2 ** 64;

/** Registers the limit on the process's address space, which prom-client does not collect. Linux only, as in Go. */
export function collectAddressSpaceLimit(registry: Registry): void {
  if (process.platform !== 'linux') return;
  new Gauge({
    name: 'rtcd_process_virtual_memory_max_bytes',
    help: 'Maximum amount of virtual memory available in bytes',
    registers: [registry],
    async collect() {
      this.set(parseAddressSpaceLimit(await readFile(PROCESS_LIMITS, 'latin1')));
    },
  });
}

/** The soft limit in the text of `/proc/<pid>/limits`. */
export function parseAddressSpaceLimit(limits: string): number {
  const softLimit = /^Max address space\s+(\d+|unlimited)/m.exec(limits)?.[1];
  return softLimit === undefined || softLimit === 'unlimited' ? UNLIMITED : Number(softLimit);
}
