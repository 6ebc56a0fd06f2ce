import { Participant } from '@rtcd/rtc/testing';
import type { FromParticipant, JoinMessage, ToParticipant } from '../participant-messages.ts';
import { joiningIo, socketAt } from './participant-io.ts';

const SPEAKS_EVERY_MS = 20;
/** With it, a packet is as large as browsers make them: 1,200 bytes of RTP. */
const PAYLOAD_BYTES = 1_170;

/** A question for what was heard of a sender. */
interface Listening {
  readonly senderID: string;
  readonly untilPackets: number;
}

/** A question for frames of a sender. */
interface Watching {
  readonly senderID: string;
  readonly frames: number;
}

/** The participant of this process: speaks all the time, and reports what it hears. */
class Speaker {
  readonly #participant: Participant;
  #speaking: NodeJS.Timeout | undefined;
  #listening: Listening[] = [];
  #watching: Watching | undefined;
  /** Arrival of the last packet of each sender, and the longest time without one. */
  readonly #silences = new Map<string, { packets: number; lastMs: number; longestMs: number }>();

  private constructor(participant: Participant) {
    this.#participant = participant;
    participant.on('connected', () => {
      this.#speaking = setInterval(() => participant.isSending && participant.sendVoice(), SPEAKS_EVERY_MS);
    });
    participant.on('open', () => send({ type: 'open' }));
    participant.on('voice', () => this.#voiceArrived());
    participant.on('closed', (reason) => send({ type: 'closed', reason }));
    participant.join();
  }

  static async join(message: JoinMessage): Promise<Speaker> {
    const participant = await Participant.open({
      openIo: joiningIo(message, (candidate) => send({ type: 'candidate', candidate })),
      signal: (description) => send({ type: 'description', description }),
    });
    return new Speaker(participant);
  }

  receive(message: Exclude<ToParticipant, JoinMessage>): void {
    switch (message.type) {
      case 'description':
        return this.#participant.receive(message.description);
      case 'move':
        return void this.#participant.moveTo(socketAt(message.address));
      case 'restart_ice':
        return this.#participant.restartIce(true);
      case 'listen': {
        const { senderID, packets } = message;
        this.#listening.push({ senderID, untilPackets: this.#packetsOf(senderID) + packets });
        return;
      }
      case 'show': {
        const { streamId } = message;
        this.#participant.sendVideo(this.#participant.publishVideo({ streamId }), { payloadBytes: PAYLOAD_BYTES });
        return;
      }
      case 'watch':
        this.#watching = message;
        return;
      case 'leave':
        clearInterval(this.#speaking);
        return void this.#participant.close();
      default:
        message satisfies never;
    }
  }

  #packetsOf(senderID: string): number {
    return this.#participant.received(senderID)?.packets ?? 0;
  }

  #voiceArrived(): void {
    this.#answerWatching();
    const nowMs = performance.now();
    for (const senderID of this.#participant.senders) {
      const packets = this.#packetsOf(senderID);
      const before = this.#silences.get(senderID) ?? { packets: 0, lastMs: nowMs, longestMs: 0 };
      if (packets === before.packets) continue;
      const longestMs = Math.max(before.longestMs, nowMs - before.lastMs);
      this.#silences.set(senderID, { packets, lastMs: nowMs, longestMs });
      this.#answer(senderID, packets);
    }
  }

  /** Looked at with every packet of a voice, which comes more often than a frame. */
  #answerWatching(): void {
    if (this.#watching === undefined) return;
    const { senderID, frames } = this.#watching;
    if ((this.#participant.receivedVideo(senderID, 'video')?.shown.length ?? 0) < frames) return;
    this.#watching = undefined;
    send({ type: 'seen', senderID });
  }

  #answer(senderID: string, packets: number): void {
    const answered = this.#listening.filter((it) => it.senderID === senderID && packets >= it.untilPackets);
    if (answered.length === 0) return;
    this.#listening = this.#listening.filter((it) => !answered.includes(it));
    const silence = this.#silences.get(senderID)!;
    const gaps = this.#participant.received(senderID)?.gaps ?? 0;
    for (const _ of answered) send({ type: 'heard', heard: { senderID, gaps, longestSilenceMs: silence.longestMs } });
    silence.longestMs = 0;
  }
}

const send = (message: FromParticipant): void => void process.send?.(message);

let speaker: Promise<Speaker> | undefined;
process.on('message', async (message: ToParticipant) => {
  if (message.type === 'join') speaker = Speaker.join(message);
  else (await speaker)?.receive(message);
});
process.once('disconnect', () => process.exit());
send({ type: 'ready' });
