import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';

const run = promisify(execFile);

const programFolder = fileURLToPath(new URL('../../programs/aiortc', import.meta.url));
const cacheFolder = fileURLToPath(new URL('../../../node_modules/.cache/interop/aiortc', import.meta.url));

const readRequirements = () => readFile(join(programFolder, 'requirements.txt'), 'utf8');

/** A virtual environment with the pinned packages, made the first time. */
async function installPython(requirements: string): Promise<string> {
  const python = join(cacheFolder, 'bin', 'python');
  const installedFile = join(cacheFolder, 'requirements.txt');
  if (existsSync(installedFile) && (await readFile(installedFile, 'utf8')) === requirements) return python;
  await rm(cacheFolder, { recursive: true, force: true });
  await mkdir(cacheFolder, { recursive: true });
  await run('python3', ['-m', 'venv', cacheFolder]);
  // Copied only after pip is done: an interrupted installation starts again.
  const requirementsFile = join(programFolder, 'requirements.txt');
  await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '-r', requirementsFile]);
  await run('cp', [requirementsFile, `${installedFile}.new`]);
  await rename(`${installedFile}.new`, installedFile);
  return python;
}

export const aiortc: Stack = {
  name: 'aiortc',
  about: 'Python, package `aiortc`: bots, recorders and computer vision',
  hasVideo: true,
  limits: {
    'ICE restart': 'has no ICE restart',
    'RSA certificate': 'makes ECDSA certificates only',
  },
  notes: [
    'Answers a rejected section like any other, and gives Opus another number in its own offers but listens under the first. rtcd allows for both.',
    'Has no rollback: without the signaling lock of Calls, its offer fails when it collides with one of rtcd.',
    'Does not show the IDs of remote streams.',
    '`addTrack` takes a section that rtcd has rejected, with its old mid, and rtcd rejects it again: `addTransceiver` makes one of its own.',
  ],

  missing: async () => {
    try {
      await run('python3', ['-c', 'import ensurepip, sys; assert sys.version_info >= (3, 10)']);
      return undefined;
    } catch {
      return 'python3 (3.10 or newer) with the venv module (Debian: python3-venv)';
    }
  },

  build: async () => installPython(await readRequirements()),

  start: async () => {
    const requirements = await readRequirements();
    const command = await installPython(requirements);
    const version = /^aiortc==(.*)$/m.exec(requirements)?.[1] ?? '';
    return { program: spawnProgram({ command, args: ['-B', join(programFolder, 'main.py')] }), version };
  },
};
