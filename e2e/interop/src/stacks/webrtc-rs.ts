import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { spawnProgram } from '../peer-program.ts';
import type { Stack } from '../stack.ts';
import { buildRust, missingRust } from './rust.ts';

const build = () => buildRust('webrtc-rs', 'webrtc');

export const webrtcRs: Stack = {
  name: 'webrtc-rs',
  about: 'Rust, crate `webrtc`: native apps and servers, the architecture of pion',
  hasVideo: false,
  limits: {
    // rtc-dtls 0.21.1, handshaker.rs: wait() clears the timer, and sets it again only with another flight.
    'lossy handshake':
      'its DTLS client stops its timer when the server repeats a flight, so it never repeats its own last one',
  },
  notes: [
    'Answers later offers with `a=setup:passive` as a DTLS client, and has another random version in each o= line: rtcd takes both.',
  ],
  missing: missingRust,
  build,
  start: async () => {
    const { folder, version } = await build();
    // The crate signs with RSA keys and makes none.
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64');
    const command = join(folder, 'rtcd-interop-webrtc-rs');
    return { program: spawnProgram({ command, env: { RTCD_INTEROP_RSA_KEY: key } }), version };
  },
};
