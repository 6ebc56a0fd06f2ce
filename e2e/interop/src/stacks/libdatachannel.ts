import { fileURLToPath } from 'node:url';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';
import { versionOf, whyNotLoadable } from './npm-package.ts';

export const libdatachannel: Stack = {
  name: 'libdatachannel',
  about: 'C++, run through npm `node-datachannel`: games, cameras, OBS',
  hasVideo: false,
  limits: {
    'ICE restart': 'has no ICE restart',
  },
  notes: [
    'If the first offer has no media, `forceMediaTransport` must be set, else DTLS negotiates no SRTP and all media is lost.',
    'Answers a rejected section like any other, and names the MediaStream of rtcd as its own. rtcd allows for both.',
    'Its own offers have a section for each remote track that has ended.',
    'Does not show the IDs of remote tracks and streams: the media map says whose voice a section carries.',
  ],

  missing: () => whyNotLoadable('node-datachannel'),

  start: async () => {
    const main = fileURLToPath(new URL('../../programs/libdatachannel/main.ts', import.meta.url));
    return {
      program: spawnProgram({ command: process.execPath, args: [main] }),
      version: `node-datachannel ${versionOf('node-datachannel')}`,
    };
  },
};
