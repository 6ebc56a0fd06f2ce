import type { JoinData, SessionConfig } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';
import { ControlError } from './errors.ts';

/**
 * Adds a session to a call. Throws if that cannot be; the client is then told `close`, as there will be no session, except
 * if the ID is taken: the session that has it goes on.
 */
export function join(context: ControlContext, sender: Sender, data: JoinData): void {
  const { sessionID } = data;
  if (context.sessions.find(sender.clientID, sessionID) !== undefined) {
    throw new ControlError('session_exists', 'the session exists already');
  }
  try {
    admit(context, sender, data);
  } catch (error) {
    if (sessionID !== '') {
      context.link.send(sender, { type: 'close', data: { sessionID } });
    }
    throw error;
  }
}

function admit(context: ControlContext, { connID, clientID }: Sender, data: JoinData): void {
  const { sfu, sessions, draining, maxSessionsPerClient } = context;
  const { callID, userID, sessionID, channelID, av1Support, dcSignaling } = data;
  if (draining.hasBegun && !sfu.sessions(clientID, callID)?.length) {
    throw new ControlError('draining', 'draining: no new calls');
  }
  if (sessions.countOf(clientID) >= maxSessionsPerClient) {
    throw new ControlError('too_many_sessions', `too many sessions of this client (at most ${maxSessionsPerClient})`);
  }
  const props = { channelID, av1Support, dcSignaling };
  const config: SessionConfig = { groupID: clientID, callID, userID, sessionID, props };
  sessions.add(config, connID);
  try {
    sfu.join(config);
  } catch (error) {
    sessions.remove(clientID, sessionID);
    throw error;
  }
}
