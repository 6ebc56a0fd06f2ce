import type { Attack } from '../attack.ts';
import { HTTP_ATTACKS } from './http.ts';
import { ONE_SOCKET_ATTACKS } from './one-socket.ts';
import { PEER_ATTACKS } from './peers.ts';
import { SESSION_ATTACKS } from './sessions.ts';

/** A quiet row, to compare with. */
const NONE: Attack = {
  name: 'none',
  description: 'no attack',
  async prepare() {
    return async (signal) => {
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      return '';
    };
  },
};

/** The rows of the table. */
export const ATTACKS: readonly Attack[] = [
  NONE,
  ...ONE_SOCKET_ATTACKS,
  ...SESSION_ATTACKS,
  ...PEER_ATTACKS,
  ...HTTP_ATTACKS,
];
