import type { RtcMessage, SessionConfig } from '@rtcd/protocol';
import { openSfu } from '@rtcd/rtc';
import { serve } from './server-process.ts';

type Request =
  | { readonly type: 'join'; readonly config: SessionConfig }
  | { readonly type: 'leave'; readonly config: SessionConfig }
  | { readonly type: 'rtc'; readonly message: RtcMessage };

const sfu = await openSfu({ udpAddress: '127.0.0.1', udpPort: 0 });
sfu.on('message', (message) => process.send?.({ type: 'rtc', message }));
serve((request: Request) => {
  if (request.type === 'join') sfu.join(request.config);
  else if (request.type === 'leave') leave(request.config);
  else sfu.receive(request.message);
});

/** The peer's goodbye may have ended the session before its client's. */
function leave({ groupID, callID, sessionID }: SessionConfig): void {
  if (sfu.session(groupID, callID, sessionID)) sfu.leave(groupID, sessionID);
}
