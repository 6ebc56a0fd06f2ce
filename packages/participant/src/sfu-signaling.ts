import type { RtcMessage, RtcMessageType, SessionConfig } from '@rtcd/protocol';
import type { SfuEvents, SfuFront } from '@rtcd/rtc';
import { SessionRouter } from './session-router.ts';
import type { Signaling } from './signaling.ts';

/** An SFU in this process: the result of `openSfu` or `openSfuThread`. */
export type EmbeddedSfu = Pick<SfuFront, 'join' | 'receive' | 'leave' | 'session' | 'on' | 'off'>;

/** Signaling with an embedded SFU, for the sessions of one group. Make it once, and use it for all participants of the group. */
export function sfuSignaling(sfu: EmbeddedSfu, groupID: string): Signaling {
  const onMessage = (message: RtcMessage) => {
    if (message.groupID === groupID) router.onMessage(message);
  };
  const onSessionClosed = (...[{ config, reason }]: SfuEvents['sessionClosed']) => {
    if (config.groupID === groupID) router.onClosed(config.sessionID, reason);
  };
  const router = new SessionRouter(() => {
    sfu.on('message', onMessage);
    sfu.on('sessionClosed', onSessionClosed);
    return () => {
      sfu.off('message', onMessage);
      sfu.off('sessionClosed', onSessionClosed);
    };
  });
  return {
    open(session, handlers) {
      const config: SessionConfig = { ...session, groupID };
      const { callID, userID, sessionID } = config;
      sfu.join(config);
      router.add(config, handlers);
      return {
        send: (type: RtcMessageType, data) => sfu.receive({ groupID, callID, userID, sessionID, type, data }),
        close: () => {
          router.remove(sessionID);
          if (sfu.session(groupID, callID, sessionID)) sfu.leave(groupID, sessionID);
        },
      };
    },
  };
}
