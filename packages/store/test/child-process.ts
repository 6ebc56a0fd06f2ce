import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

export interface Child {
  readonly process: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: Interface;
  /** Resolves with everything it said, once it is gone. */
  readonly exited: Promise<readonly string[]>;
}

/** Runs one of the scripts in `child/` on this Node; it ends with the test at the latest. */
export function start(script: string, ...args: readonly string[]): Child {
  const file = fileURLToPath(new URL(`child/${script}`, import.meta.url));
  const child = spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return {
    process: child,
    lines,
    exited: new Promise((resolve) => child.once('close', () => resolve(said))),
  };
}
