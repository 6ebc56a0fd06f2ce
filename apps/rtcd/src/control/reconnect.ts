import type { SessionData } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';

/** Lets a session follow its client to this connection. One that ended meanwhile gets its `close` now. */
export function reconnect({ sessions, link }: ControlContext, sender: Sender, { sessionID }: SessionData): void {
  const session = sessions.find(sender.clientID, sessionID);
  if (session === undefined) {
    link.send(sender, { type: 'close', data: { sessionID } });
    return;
  }
  link.follow(session, sender.connID);
}
