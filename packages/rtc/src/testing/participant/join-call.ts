import { once } from 'node:events';
import { openPacketIo } from '@rtcd/packet-io';
import {
  decodeSessionDescription,
  encodeSessionDescription,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
} from '@rtcd/protocol';
import type { Sfu } from '../../sfu.ts';
import { Participant, type ParticipantOptions } from './participant.ts';

/** Which session joins which call, and as what kind of participant. */
export interface JoinOptions extends Partial<Omit<ParticipantOptions, 'signal'>> {
  readonly groupID?: string;
  readonly callID?: string;
  readonly sessionID: string;
  /** The session has joined already: its peer comes back with a new connection. Default false. */
  readonly again?: boolean;
}

/**
 * Joins a call of an SFU in the same process, standing in for the client between the two. Resolves once the data channel is open.
 * Sockets are on loopback unless `openIo` says otherwise.
 */
export async function joinCall(sfu: Sfu, options: JoinOptions): Promise<Participant> {
  const { groupID = 'group', callID = 'call', sessionID, dcSignaling = false, again = false, ...others } = options;
  const config: SessionConfig = {
    groupID,
    callID,
    sessionID,
    userID: `user of ${sessionID}`,
    props: { channelID: callID, av1Support: false, dcSignaling },
  };
  if (!again) sfu.join(config);
  const participant = await Participant.open({
    openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
    ...others,
    dcSignaling,
    signal: (description) =>
      sfu.receive({ ...config, type: RtcMessageType.SDP, data: encodeSessionDescription(description) }),
  });
  const onMessage = (message: RtcMessage) => {
    if (message.groupID !== groupID || message.sessionID !== sessionID || message.type !== RtcMessageType.SDP) return;
    participant.receive(decodeSessionDescription(message.data));
  };
  sfu.on('message', onMessage);
  sfu.on('sessionClosed', ({ config: closed }) => {
    if (closed.groupID === groupID && closed.sessionID === sessionID) sfu.off('message', onMessage);
  });
  const opened = once(participant, 'open');
  participant.join();
  await opened;
  return participant;
}
