import type { RtcdClient } from '@rtcd/client';
import type { RtcMessage } from '@rtcd/protocol';
import { SessionRouter } from './session-router.ts';
import type { Signaling } from './signaling.ts';

/**
 * Signaling over a client that is connected to rtcd. The session is one of that client's installation. Make it once, and use it for all participants
 * of the client.
 */
export function rtcdSignaling(client: RtcdClient): Signaling {
  const onMessage = (message: RtcMessage) => router.onMessage(message);
  const onConnected = () => router.onResumed();
  const onSessionClosed = (sessionID: string) => router.onClosed(sessionID, 'rtcd has closed the session');
  const onClosed = () => router.onAllClosed('the client is closed');
  const router = new SessionRouter(() => {
    client.on('rtc', onMessage).on('vad', onMessage).on('connected', onConnected);
    client.on('sessionClosed', onSessionClosed).on('closed', onClosed);
    return () => {
      client.off('rtc', onMessage).off('vad', onMessage).off('connected', onConnected);
      client.off('sessionClosed', onSessionClosed).off('closed', onClosed);
    };
  });
  return {
    open(session, handlers) {
      const { callID, userID, sessionID, props } = session;
      client.join({ callID, userID, sessionID, ...props });
      router.add(session, handlers);
      return {
        send: (type, data) => client.sendRtc({ groupID: '', userID, callID, sessionID, type, data }),
        close: () => {
          router.remove(sessionID);
          // Without a connection rtcd notices by itself that the peer is gone.
          if (client.phase === 'connected') client.leave(sessionID);
        },
      };
    },
  };
}
