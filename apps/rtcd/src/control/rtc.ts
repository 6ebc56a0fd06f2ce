import type { RtcMessage } from '@rtcd/protocol';
import type { Sender } from './connections.ts';
import type { ControlContext } from './context.ts';

/** Passes a message on to the SFU. Whose session it is about is what we know, not what the message says. */
export function rtc({ sfu, sessions }: ControlContext, { clientID }: Sender, message: RtcMessage): void {
  const { groupID, callID, userID, sessionID } = sessions.require(clientID, message.sessionID).config;
  sfu.receive({ groupID, callID, userID, sessionID, type: message.type, data: message.data });
}
