import { once } from 'node:events';
import { openPacketIo } from '@rtcd/packet-io';
import {
  decodeSessionDescription,
  encodeSessionDescription,
  type RtcMessage,
  RtcMessageType,
  type SessionConfig,
} from '@rtcd/protocol';
import { createTestCertificate, Participant } from '@rtcd/rtc/testing';
import type { ServerProcess } from './server-process.ts';

export interface JoinedParticipant {
  readonly config: SessionConfig;
  readonly participant: Participant;
}

export interface JoinerOptions {
  /** By default each session has a call of its own. */
  readonly callID?: string;
  /** Default true. */
  readonly voice?: boolean;
  /** Sends transport-cc feedback. Default false. */
  readonly reportsArrivals?: boolean;
}

/** Joins calls of an SFU in another process with headless participants, and leaves them. */
export class Joiner {
  readonly #server: ServerProcess;
  readonly #participants = new Map<string, Participant>();
  readonly #certificate = createTestCertificate();
  #count = 0;

  constructor(server: ServerProcess) {
    this.#server = server;
    server.onMessage((message) => {
      if (message.type !== 'rtc') return;
      const { sessionID, type, data } = message.message as RtcMessage;
      if (type === RtcMessageType.SDP) this.#participants.get(sessionID)?.receive(decodeSessionDescription(data));
    });
  }

  /** A full join: ICE, DTLS, SCTP, data channel open. */
  async join({ callID, voice, reportsArrivals = false }: JoinerOptions = {}): Promise<JoinedParticipant> {
    const sessionID = `session-${this.#count++}`;
    const props = { channelID: '', av1Support: false, dcSignaling: true };
    const config = { groupID: 'group', callID: callID ?? sessionID, userID: sessionID, sessionID, props };
    this.#server.send({ type: 'join', config });
    const participant = await Participant.open({
      openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
      signal: (description) => {
        const data = encodeSessionDescription(description);
        this.#server.send({ type: 'rtc', message: { ...config, type: RtcMessageType.SDP, data } });
      },
      certificate: this.#certificate,
      dcSignaling: true,
      reportsArrivals,
      ...(voice !== undefined && { voice }),
    });
    this.#participants.set(sessionID, participant);
    const opened = once(participant, 'open');
    participant.join();
    await opened;
    return { config, participant };
  }

  async leave({ config, participant }: JoinedParticipant): Promise<void> {
    this.#server.send({ type: 'leave', config });
    await participant.close();
    this.#participants.delete(config.sessionID);
  }
}
