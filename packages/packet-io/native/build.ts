import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Builds the native packet plane for this machine. With `--if-possible`, as before `start` and `test`, it builds only what is missing or older than its
 * sources, says what became of it, and never fails: everything works without.
 */
const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ADDON = `${FOLDER}packet-io.node`;
const LIBRARY = `${FOLDER}target/release/librtcd_packet_io_native.so`;

/** On two cores, a build takes less than a minute. */
const TIME_LIMIT_MS = 120_000;

/** Returns the reason for which it cannot be built here. */
function obstacle(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const { status } = spawnSync('cargo', ['--version']);
  return status === 0 ? undefined : 'there is no cargo on the PATH';
}

function isUpToDate(): boolean {
  const builtMs = statSync(ADDON, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['src/**/*.rs', 'Cargo.*', 'build.*'], { cwd: FOLDER });
  return sources.every((file) => statSync(FOLDER + file).mtimeMs <= builtMs);
}

/** Returns the reason for which it was not built. */
function build(): string | undefined {
  const { error, status, stderr } = spawnSync('cargo', ['build', '--release', '--locked', '--target-dir', 'target'], {
    cwd: FOLDER,
    // Without a network, cargo fails at once.
    env: { CARGO_NET_RETRY: '0', ...process.env },
    timeout: TIME_LIMIT_MS,
    encoding: 'utf8',
  });
  if (error !== undefined) return error.message;
  if (status !== 0) return stderr.trim();
  // Not written in place: processes may have the old one loaded.
  copyFileSync(LIBRARY, `${ADDON}.new`);
  renameSync(`${ADDON}.new`, ADDON);
  return undefined;
}

function buildIfPossible(): string {
  if (process.env['RTCD_PACKET_PLANE'] === 'typescript') return 'not built: RTCD_PACKET_PLANE is typescript';
  if (isUpToDate()) return 'already built';
  const missing = obstacle();
  if (missing !== undefined) return `not built: ${missing}`;
  console.log('native packet plane: building, which takes about a minute');
  const reason = build();
  return reason === undefined ? 'built' : `not built:\n${reason.split('\n').slice(-8).join('\n')}`;
}

if (process.argv.includes('--if-possible')) {
  console.log(`native packet plane: ${buildIfPossible()}`);
} else {
  const reason = obstacle() ?? build();
  console.log(`native packet plane: ${reason === undefined ? `built at ${ADDON}` : `not built: ${reason}`}`);
  process.exitCode = reason === undefined ? 0 : 1;
}
