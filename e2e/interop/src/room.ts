import { newID } from '@rtcd/protocol';
import { UdpPath, type UdpPathOptions } from '../../src/udp-path.ts';
import { type JoinOptions, Participant } from './participant.ts';
import type { PeerProgram } from './peer-program.ts';
import type { RtcdCalls } from './rtcd-calls.ts';
import { videos } from './videos.ts';
import { voices } from './voices.ts';

/** A call of one scenario, between the stack under test and other peers. */
export class Room {
  readonly #calls: RtcdCalls;
  readonly #callID = newID();
  readonly #subject: PeerProgram;
  readonly #other: PeerProgram;
  readonly #participants: Participant[] = [];
  readonly #paths: UdpPath[] = [];

  constructor(calls: RtcdCalls, subject: PeerProgram, other: PeerProgram) {
    this.#calls = calls;
    this.#subject = subject;
    this.#other = other;
  }

  /** A peer of the stack under test joins; its signaling goes over the data channel. */
  joinSubject(options: Pick<JoinOptions, 'certificate' | 'path'> = {}): Promise<Participant> {
    return this.#join({ program: this.#subject, dcSignaling: true, ...options });
  }

  /** Another peer joins, of the same stack or a browser; its signaling goes over the WebSocket. */
  joinOther(options: Pick<JoinOptions, 'certificate' | 'path'> = {}): Promise<Participant> {
    return this.#join({ program: this.#other, dcSignaling: false, ...options });
  }

  async openPath(options?: UdpPathOptions): Promise<UdpPath> {
    const path = await UdpPath.open(options);
    this.#paths.push(path);
    return path;
  }

  /** The timelines of all participants, in order of joining. */
  story(): string {
    return this.#participants.flatMap(({ timeline }) => timeline).join('\n');
  }

  close(): void {
    for (const participant of this.#participants) participant.leave();
    for (const path of this.#paths) path.close();
  }

  async #join(options: Pick<JoinOptions, 'program' | 'dcSignaling' | 'certificate' | 'path'>): Promise<Participant> {
    const index = this.#participants.length;
    const name = 'ABCDEFGH'[index]!;
    const voice = voices[index % voices.length]!;
    const video = videos[index % videos.length]!;
    const participant = new Participant({ calls: this.#calls, callID: this.#callID, name, voice, video, ...options });
    this.#participants.push(participant);
    await participant.connect();
    return participant;
  }
}
