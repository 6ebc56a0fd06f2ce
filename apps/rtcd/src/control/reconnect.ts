import type { SessionData } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';

/** From now on the session's messages go to this connection. For a session that has ended the answer is `close`. */
export function reconnect({ sessions, link }: ControlContext, sender: Sender, { sessionID }: SessionData): void {
  const session = sessions.find(sender.clientID, sessionID);
  if (session === undefined) {
    link.send(sender, { type: 'close', data: { sessionID } });
    return;
  }
  session.connID = sender.connID;
}
