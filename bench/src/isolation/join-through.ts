import { once } from 'node:events';
import type { RtcdClient } from '@rtcd/client';
import { openPacketIo } from '@rtcd/packet-io';
import { decodeSessionDescription, encodeSessionDescription, type RtcMessage, RtcMessageType } from '@rtcd/protocol';
import { createTestCertificate, Participant, type ParticipantOptions } from '@rtcd/rtc/testing';

const certificate = createTestCertificate();

/** A headless peer that joins a call of the service through its client. Resolves once its data channel is open. */
export async function joinThrough(
  client: RtcdClient,
  callID: string,
  sessionID: string,
  options: Partial<ParticipantOptions> = {},
): Promise<Participant> {
  const ids = { callID, sessionID, userID: `user of ${sessionID}` };
  const participant = await Participant.open({
    openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
    certificate,
    dcSignaling: true,
    ...options,
    signal: (description) =>
      client.sendRtc({ groupID: '', ...ids, type: RtcMessageType.SDP, data: encodeSessionDescription(description) }),
  });
  client.on('rtc', (message: RtcMessage) => {
    if (message.sessionID === sessionID && message.type === RtcMessageType.SDP) {
      participant.receive(decodeSessionDescription(message.data));
    }
  });
  client.setMaxListeners(0);
  client.join({ ...ids, channelID: 'channel', av1Support: false, dcSignaling: true });
  const opened = once(participant, 'open');
  participant.join();
  await opened;
  return participant;
}
