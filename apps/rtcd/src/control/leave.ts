import type { SessionData } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';

/** Ends a session of the client. `close` follows from the SFU's telling that it is gone. */
export function leave({ sfu, sessions }: ControlContext, { clientID }: Sender, { sessionID }: SessionData): void {
  sessions.require(clientID, sessionID);
  sfu.leave(clientID, sessionID);
}
