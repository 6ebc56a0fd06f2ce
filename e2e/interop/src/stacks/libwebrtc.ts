import { fileURLToPath } from 'node:url';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';
import { versionOf, whyNotLoadable } from './npm-package.ts';

export const libwebrtc: Stack = {
  name: 'libwebrtc',
  about: 'C++ without a browser, run through npm `@roamhq/wrtc`: native and mobile apps, bots in Node',
  hasVideo: true,
  // github.com/node-webrtc/node-webrtc/issues/697
  hasProgramPerScenario: true,
  limits: {
    'RSA certificate': 'these bindings have no generateCertificate',
  },
  notes: [],

  missing: () => whyNotLoadable('@roamhq/wrtc'),

  start: async () => {
    const main = fileURLToPath(new URL('../../programs/libwebrtc/main.ts', import.meta.url));
    return {
      program: spawnProgram({ command: process.execPath, args: [main] }),
      version: `@roamhq/wrtc ${versionOf('@roamhq/wrtc')}`,
    };
  },
};
