import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const SIZE = '1m';
const PAGE = Buffer.alloc(4096);

const newFolder = () => mkdtempSync(join(tmpdir(), 'rtcd-small-disk-'));

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${SIZE}`, 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function unmount(folder: string): void {
  execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' });
}

/** Reports whether this machine lets us mount a file system. Prints why tests are skipped if it does not. */
export const canMountDisks = (() => {
  const folder = newFolder();
  const isMounted = mount(folder);
  if (isMounted) unmount(folder);
  else console.warn('skipping the tests with a full disk: mounting a tmpfs needs root on Linux');
  rmdirSync(folder);
  return isMounted;
})();

/** A file system of 1 MiB; gone with the test. */
export interface SmallDisk {
  readonly path: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives that space back. */
  free(): void;
}

export function mountSmallDisk(): SmallDisk {
  const path = newFolder();
  mount(path);
  onTestFinished(() => {
    unmount(path);
    rmdirSync(path);
  });
  const filler = join(path, 'lost+found');
  return {
    path,
    fill() {
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, PAGE);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
  };
}
