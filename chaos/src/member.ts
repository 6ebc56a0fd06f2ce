import { once } from 'node:events';
import type { RtcdClient } from '@rtcd/client';
import { openPacketIo } from '@rtcd/packet-io';
import { decodeSessionDescription, encodeSessionDescription, type RtcMessage, RtcMessageType } from '@rtcd/protocol';
import { Participant } from '@rtcd/rtc/testing';

const VOICE_EVERY_MS = 20;

/** A headless member of a call who talks all the time, and is signaled through a client. */
export class Member {
  readonly sessionID: string;
  readonly callID: string;
  readonly #client: RtcdClient;
  readonly #participant: Participant;
  #voice: NodeJS.Timeout | undefined;
  readonly #onRtc: (message: RtcMessage) => void;

  private constructor(client: RtcdClient, callID: string, sessionID: string, participant: Participant) {
    this.sessionID = sessionID;
    this.callID = callID;
    this.#client = client;
    this.#participant = participant;
    this.#onRtc = (message) => {
      if (message.sessionID !== sessionID || message.type !== RtcMessageType.SDP) return;
      participant.receive(decodeSessionDescription(message.data));
    };
    client.on('rtc', this.#onRtc);
  }

  /** Joins a call. Resolves when the data channel is open. */
  static async join(client: RtcdClient, callID: string, sessionID: string, signal: AbortSignal): Promise<Member> {
    const ids = { callID, sessionID, userID: `user of ${sessionID}` };
    const participant = await Participant.open({
      openIo: (handlers) => openPacketIo({ ...handlers, addresses: [{ address: '127.0.0.1', port: 0 }] }),
      signal(description) {
        const data = encodeSessionDescription(description);
        // Without a connection, it is lost.
        if (client.phase === 'connected') client.sendRtc({ groupID: '', ...ids, type: RtcMessageType.SDP, data });
      },
    });
    const member = new Member(client, callID, sessionID, participant);
    try {
      client.join({ ...ids, channelID: 'channel', av1Support: false, dcSignaling: false });
      const opened = once(participant, 'open', { signal });
      participant.join();
      await opened;
      member.#talk();
      return member;
    } catch (error) {
      await member.close();
      throw error;
    }
  }

  /** Number of packets that have arrived of another member's voice. */
  heard(sessionID: string): number {
    return this.#participant.received(sessionID)?.packets ?? 0;
  }

  #talk(): void {
    this.#voice = setInterval(() => {
      if (this.#participant.isSending) this.#participant.sendVoice();
    }, VOICE_EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#voice);
    this.#client.off('rtc', this.#onRtc);
    await this.#participant.close();
  }
}
