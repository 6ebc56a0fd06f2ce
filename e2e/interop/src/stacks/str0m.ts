import { join } from 'node:path';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';
import { buildRust, missingRust } from './rust.ts';

const build = () => buildRust('str0m', 'str0m');

export const str0m: Stack = {
  name: 'str0m',
  about: 'Rust, crate `str0m`: media servers and native apps',
  hasVideo: false,
  limits: {
    'RSA certificate': 'its DTLS signs with ECDSA keys only',
  },
  notes: [
    'Does not show the IDs of remote tracks and streams: the media map says whose voice a section carries.',
    'Stops a track by rejecting its section, where the others stop sending on it.',
  ],
  missing: missingRust,
  build,
  start: async () => {
    const { folder, version } = await build();
    return { program: spawnProgram({ command: join(folder, 'rtcd-interop-str0m') }), version };
  },
};
