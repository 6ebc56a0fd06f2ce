import type { ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import {
  decodeSessionDescription,
  encodeIceCandidateInit,
  encodeSessionDescription,
  encodeVideoOn,
  newID,
  type RtcMessage,
  RtcMessageType,
} from '@rtcd/protocol';
import type { RtcdCalls } from '../../interop/src/rtcd-calls.ts';
import type { Place } from './call-network.ts';
import type { Access } from './callers.ts';
import type { Host } from './host.ts';
import type { FromParticipant, Heard, ToParticipant } from './participant-messages.ts';

/** A headless participant in a process on a host. Its signaling takes the client of this process, whatever the host's network. */
export class HeadlessParticipant extends EventEmitter<{
  open: [];
  heard: [heard: Heard];
  seen: [senderID: string];
  closed: [reason: string];
  error: [error: Error];
}> {
  readonly #process: ChildProcess;
  readonly #calls: RtcdCalls;
  #session: { readonly callID: string; readonly sessionID: string; readonly userID: string } | undefined;

  private constructor(process: ChildProcess, calls: RtcdCalls) {
    super();
    this.#process = process;
    this.#calls = calls;
    process.on('exit', (code) => {
      if (code !== 0) this.emit('error', new Error(`the process of a participant ended (${code})`));
    });
    process.on('message', (message: FromParticipant) => this.#receive(message));
  }

  static async start(host: Host, calls: RtcdCalls): Promise<HeadlessParticipant> {
    const process = host.fork(new URL('programs/participant.ts', import.meta.url));
    await once(process, 'message');
    return new HeadlessParticipant(process, calls);
  }

  get sessionID(): string {
    return this.#session?.sessionID ?? '';
  }

  /** Joins a call from a place, and resolves once the data channel is open. A participant that has left can join again. */
  async join(callID: string, place: Pick<Place, 'address' | 'publicAddress'>, access: Access): Promise<void> {
    const session = { callID, sessionID: newID(), userID: newID() };
    this.#session = session;
    this.#calls.listen(session.sessionID, (message) => this.#fromRtcd(message));
    this.#calls.client.join({ ...session, channelID: newID(), av1Support: false, dcSignaling: false });
    const { address, publicAddress } = place;
    this.#send({ type: 'join', address, publicAddress, ...access });
    await once(this, 'open');
  }

  leave(): void {
    if (this.#session) this.#calls.leave(this.#session.sessionID);
    this.#session = undefined;
    this.#send({ type: 'leave' });
  }

  /** Continues from another local address. */
  moveTo(address: string): void {
    this.#send({ type: 'move', address });
  }

  restartIce(): void {
    this.#send({ type: 'restart_ice' });
  }

  /** Resolves once so many more packets of a sender have arrived. */
  async untilHears(senderID: string, packets: number): Promise<Heard> {
    this.#send({ type: 'listen', senderID, packets });
    for (;;) {
      const [heard] = await once(this, 'heard');
      if (heard.senderID === senderID) return heard;
    }
  }

  /** Publishes a video, and sends it as soon as that is agreed. */
  showCamera(): void {
    const streamId = newID();
    this.#send({ type: 'show', streamId });
    this.#sendRtc(RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: streamId }));
  }

  /** Resolves once so many frames of a sender's camera were shown. */
  async untilSees(senderID: string, frames: number): Promise<void> {
    this.#send({ type: 'watch', senderID, frames });
    await once(this, 'seen');
  }

  close(): void {
    this.leave();
    this.#process.disconnect();
  }

  #fromRtcd({ type, data }: RtcMessage): void {
    if (type === RtcMessageType.SDP) this.#send({ type: 'description', description: decodeSessionDescription(data) });
  }

  #receive(message: FromParticipant): void {
    if (message.type === 'heard') this.emit('heard', message.heard);
    else if (message.type === 'seen') this.emit('seen', message.senderID);
    else if (message.type === 'open') this.emit('open');
    else if (message.type === 'closed') this.emit('closed', message.reason);
    else if (message.type === 'description') {
      this.#sendRtc(RtcMessageType.SDP, encodeSessionDescription(message.description));
    } else if (message.type === 'candidate') {
      this.#sendRtc(RtcMessageType.ICE, encodeIceCandidateInit({ candidate: message.candidate, sdpMid: '0' }));
    }
  }

  #sendRtc(type: RtcMessageType, data: Uint8Array): void {
    if (this.#session) this.#calls.client.sendRtc({ groupID: '', ...this.#session, type, data });
  }

  #send(message: ToParticipant): void {
    if (this.#process.connected) this.#process.send(message);
  }
}
