import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const programs = fileURLToPath(new URL('../../programs', import.meta.url));
const cache = fileURLToPath(new URL('../../../node_modules/.cache/interop', import.meta.url));
const OLDEST_RUST_MINOR = 88;

/** Names the tool that is missing for building a program in Rust, if any. */
export async function missingRust(): Promise<string | undefined> {
  try {
    const { stdout } = await run('cargo', ['--version']);
    const [, minor] = /^cargo 1\.(\d+)/.exec(stdout) ?? [];
    if (Number(minor) >= OLDEST_RUST_MINOR) return undefined;
    return `Rust 1.${OLDEST_RUST_MINOR} or newer, not ${stdout.trim()}`;
  } catch {
    return `Rust 1.${OLDEST_RUST_MINOR} or newer`;
  }
}

/** Builds a peer program. Returns the folder of the executable and the pinned version of the stack's crate. */
export async function buildRust(program: string, crate: string): Promise<{ folder: string; version: string }> {
  const cwd = join(programs, program);
  const target = join(cache, program);
  await run('cargo', ['build', '--quiet', '--locked', '--target-dir', target], { cwd });
  const manifest = await readFile(join(cwd, 'Cargo.toml'), 'utf8');
  const [, version = ''] = new RegExp(`^${crate} = .*"=(.*?)"`, 'm').exec(manifest) ?? [];
  return { folder: join(target, 'debug'), version };
}
