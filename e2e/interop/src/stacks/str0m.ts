import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';

const run = promisify(execFile);

const programFolder = fileURLToPath(new URL('../../programs/str0m', import.meta.url));
const buildFolder = fileURLToPath(new URL('../../../node_modules/.cache/interop/str0m', import.meta.url));
const OLDEST_RUST_MINOR = 88;

export const str0m: Stack = {
  name: 'str0m',
  about: 'Rust, crate `str0m`: media servers and native apps',
  limits: {
    'RSA certificate': 'its DTLS signs with ECDSA keys only',
  },
  notes: [
    'Does not show the IDs of remote tracks and streams: the media map says whose voice a section carries.',
    'Stops a track by rejecting its section, where the others stop sending on it.',
  ],

  missing: async () => {
    try {
      const { stdout } = await run('cargo', ['--version']);
      const [, minor] = /^cargo 1\.(\d+)/.exec(stdout) ?? [];
      if (Number(minor) >= OLDEST_RUST_MINOR) return undefined;
      return `Rust 1.${OLDEST_RUST_MINOR} or newer, not ${stdout.trim()}`;
    } catch {
      return `Rust 1.${OLDEST_RUST_MINOR} or newer`;
    }
  },

  start: async () => {
    const arguments_ = ['build', '--quiet', '--locked', '--target-dir', buildFolder];
    await run('cargo', arguments_, { cwd: programFolder });
    const [, version = ''] =
      /^str0m = .*"=(.*?)"/m.exec(await readFile(join(programFolder, 'Cargo.toml'), 'utf8')) ?? [];
    return { program: spawnProgram({ command: join(buildFolder, 'debug', 'rtcd-interop-str0m') }), version };
  },
};
