import type { SessionData } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';

/**
 * From now on the session's messages go to this connection, and what may have been lost on the old one is said again. For a session
 * that has ended the answer is `close`.
 */
export function reconnect({ sfu, sessions, link }: ControlContext, sender: Sender, { sessionID }: SessionData): void {
  const session = sessions.find(sender.clientID, sessionID);
  if (session === undefined) {
    link.send(sender, { type: 'close', data: { sessionID } });
    return;
  }
  session.connID = sender.connID;
  sfu.resume(sender.clientID, sessionID);
}
