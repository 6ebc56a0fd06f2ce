import { once } from 'node:events';
import { openPacketIo } from '@rtcd/packet-io';
import { decodeSessionDescription, encodeSessionDescription, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import type { SfuFront } from '../../sfu/front.ts';
import { Participant, type ParticipantOptions } from './participant.ts';

/** Session, call and kind of a participant. */
export interface JoinOptions extends Partial<Omit<ParticipantOptions, 'signal'>> {
  readonly groupID?: string;
  readonly callID?: string;
  readonly sessionID: string;
  /** As announced by the client when it joins. Default false. */
  readonly av1Support?: boolean;
  /** The session has joined already: its peer returns with a new connection. Default false. */
  readonly again?: boolean;
}

/**
 * Joins a call of an SFU in the same process, standing in for the client between the two. Resolves once the data channel is open.
 * Sockets are on loopback by default; see `openIo`.
 */
export async function joinCall(sfu: SfuFront, options: JoinOptions): Promise<Participant> {
  const {
    groupID = 'group',
    callID = 'call',
    sessionID,
    dcSignaling = false,
    av1Support = false,
    again = false,
    ...others
  } = options;
  const config: SessionConfig = {
    groupID,
    callID,
    sessionID,
    userID: `user of ${sessionID}`,
    props: { channelID: callID, av1Support, dcSignaling },
  };
  if (!again) sfu.join(config);
  const participant = await Participant.open({
    openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
    ...others,
    dcSignaling,
    signal: (description) =>
      sfu.receive({ ...config, type: RtcMessageType.SDP, data: encodeSessionDescription(description) }),
  });
  participantsOf(sfu).set(sessionKey(config), participant);
  const opened = once(participant, 'open');
  participant.join();
  await opened;
  return participant;
}

const participantsBySfu = new WeakMap<SfuFront, Map<string, Participant>>();

/** The participants of an SFU by session. One listener per event serves all of them, however many join. */
function participantsOf(sfu: SfuFront): Map<string, Participant> {
  const known = participantsBySfu.get(sfu);
  if (known) return known;
  const participants = new Map<string, Participant>();
  participantsBySfu.set(sfu, participants);
  sfu.on('message', (message) => {
    if (message.type !== RtcMessageType.SDP) return;
    participants.get(sessionKey(message))?.receive(decodeSessionDescription(message.data));
  });
  sfu.on('sessionClosed', ({ config }) => participants.delete(sessionKey(config)));
  return participants;
}

const sessionKey = ({ groupID, sessionID }: Pick<SessionConfig, 'groupID' | 'sessionID'>) => `${groupID}\n${sessionID}`;
