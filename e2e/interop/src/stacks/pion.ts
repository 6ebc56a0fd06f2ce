import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';

const run = promisify(execFile);

const programFolder = fileURLToPath(new URL('../../programs/pion', import.meta.url));
const program = fileURLToPath(new URL('../../../node_modules/.cache/interop/pion/peer', import.meta.url));
const OLDEST_GO_MINOR = 24;

const build = () => run('go', ['build', '-o', program, '.'], { cwd: programFolder });

export const pion: Stack = {
  name: 'pion',
  about: "Go, module `github.com/pion/webrtc/v4`: the original's own client, transcriber and load tester",
  hasVideo: true,
  limits: {},
  notes: ['An offer with an ICE restart ends the old path at once, so it cannot go over the data channel.'],

  missing: async () => {
    try {
      const { stdout } = await run('go', ['env', 'GOVERSION']);
      const [, minor] = /^go1\.(\d+)/.exec(stdout) ?? [];
      return Number(minor) >= OLDEST_GO_MINOR ? undefined : `Go 1.${OLDEST_GO_MINOR} or newer, not ${stdout.trim()}`;
    } catch {
      return `Go 1.${OLDEST_GO_MINOR} or newer`;
    }
  },

  build,

  start: async () => {
    await build();
    const [, version = ''] = /pion\/webrtc\/v4 (\S+)/.exec(await readFile(join(programFolder, 'go.mod'), 'utf8')) ?? [];
    return { program: spawnProgram({ command: program }), version };
  },
};
