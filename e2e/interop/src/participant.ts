import {
  type DataChannelMessage,
  decodeDataChannelMessage,
  decodeIceCandidate,
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeIceCandidateInit,
  encodeScreenOn,
  encodeSessionDescription,
  encodeVideoOn,
  type MediaMap,
  newID,
  type RtcMessage,
  RtcMessageType,
  type SessionDescription,
  type TrackType,
} from '@rtcd/protocol';
import type { IceServer } from '../../src/network/ice-servers.ts';
import type { UdpPath } from '../../src/udp-path.ts';
import { until } from '../../src/until.ts';
import type { PeerEvent, SelectedPair } from './contract.ts';
import { Hearing } from './hearing.ts';
import type { PeerHandle, PeerProgram } from './peer-program.ts';
import type { RtcdCalls } from './rtcd-calls.ts';
import { Seeing } from './seeing.ts';
import type { Video } from './videos.ts';
import type { Voice } from './voices.ts';

/** Options of a joining participant. */
export interface JoinOptions {
  readonly calls: RtcdCalls;
  readonly callID: string;
  readonly program: PeerProgram;
  readonly voice: Voice;
  readonly video: Video;
  /** For timelines and errors. */
  readonly name: string;
  /** Signaling over the data channel once it is open; else over the WebSocket. */
  readonly dcSignaling: boolean;
  readonly certificate?: 'ecdsa' | 'rsa';
  /** Only for browsers. None by default. */
  readonly iceServers?: readonly IceServer[];
  /** Leads the peer's packets to rtcd. */
  readonly path?: UdpPath | undefined;
}

/** A track as the stack's API announced it. */
export interface RemoteTrack {
  readonly trackId: string;
  readonly streamId: string;
}

const VOICE = 'voice';
const SCREEN_AUDIO = 'screen-audio';
const SCREEN = 'screen';
const CAMERA = 'video';

/** One session of a call: passes signaling between rtcd and a peer as the Calls plugin and its web client do. */
export class Participant {
  readonly sessionID = newID();
  readonly name: string;
  readonly voice: Voice;
  readonly video: Video;
  readonly hearing = new Hearing();
  readonly seeing = new Seeing();
  /** The last map that rtcd sent. */
  mediaMap: MediaMap = {};
  /** Live remote tracks, by mid. */
  readonly tracks = new Map<string, RemoteTrack>();
  /** All events, in order: printed when a test fails. */
  readonly timeline: string[] = [];
  readonly #options: JoinOptions;
  readonly #userID = newID();
  readonly #peer: PeerHandle;
  readonly #streamIds = new Map<string, string>();
  #channelOpen = false;
  readonly #grants: boolean[] = [];
  #answers = 0;
  #pongs = 0;
  #selectedPair: SelectedPair | undefined;
  /** Candidates of rtcd that came before its answer. */
  #early: RtcMessage[] = [];
  /** Sends the peer's offers over the channel once it is open. */
  #offerOverChannel: boolean;
  /** The pending offer of rtcd arrived over the channel, so the answer goes there too. */
  #answerOverChannel = false;
  /** Announces a stream before the offer that has it, as the web client does. */
  #beforeOffer: (() => void) | undefined;
  #failure: string | undefined;
  #left = false;

  constructor(options: JoinOptions) {
    this.#options = options;
    this.#offerOverChannel = options.dcSignaling;
    this.name = options.name;
    this.voice = options.voice;
    this.video = options.video;
    this.#peer = options.program.addPeer((event) => this.#receiveEvent(event));
  }

  /** Joins without a track, and resolves once the data channel is open. */
  async connect(): Promise<void> {
    const { calls, callID, certificate = 'ecdsa', dcSignaling, iceServers } = this.#options;
    calls.listen(this.sessionID, (message) => this.#receiveRtc(message));
    const { sessionID } = this;
    const channelID = newID();
    calls.client.join({ callID, userID: this.#userID, sessionID, channelID, av1Support: false, dcSignaling });
    this.#peer.send({ do: 'start', certificate, ...(iceServers && { iceServers }) });
    await this.until('the data channel is open', () => this.#channelOpen);
  }

  /** Publishes the voice. */
  speak(): Promise<void> {
    return this.#publish(VOICE, this.voice, newID());
  }

  async mute(): Promise<void> {
    this.#peer.send({ do: 'mute', track: VOICE });
    this.#sendRtc(RtcMessageType.Mute);
  }

  async unmute(): Promise<void> {
    this.#peer.send({ do: 'unmute', track: VOICE });
    this.#sendRtc(RtcMessageType.Unmute);
  }

  /** Mutes or unmutes by the message alone, while the peer goes on sending. */
  announceMuted(isMuted: boolean): void {
    this.#sendRtc(isMuted ? RtcMessageType.Mute : RtcMessageType.Unmute);
  }

  /** Releases a lock that the peer need not hold. */
  unlock(): void {
    this.#sendOverChannel({ type: 'unlock' });
  }

  /** Resolves with the pong. */
  async ping(): Promise<void> {
    const before = this.#pongs;
    this.#sendOverChannel({ type: 'ping' });
    await this.until('a pong', () => this.#pongs > before);
  }

  /** Publishes a second track beside the voice: the sound of a shared screen. */
  shareSound(sound: Voice): Promise<void> {
    this.#beforeOffer = () => {
      const screenStreamID = this.#streamIds.get(SCREEN_AUDIO) ?? '';
      this.#sendRtc(RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID }));
    };
    return this.#publish(SCREEN_AUDIO, sound, newID());
  }

  /** Publishes the video as a screen. */
  showScreen(): Promise<void> {
    this.#beforeOffer = () => {
      const screenStreamID = this.#streamIds.get(SCREEN) ?? '';
      this.#sendRtc(RtcMessageType.ScreenOn, encodeScreenOn({ screenStreamID }));
    };
    return this.#publishVideo(SCREEN);
  }

  /** Publishes the video as a camera. It is announced after its offer, as the web client does. */
  async showCamera(): Promise<void> {
    await this.#publishVideo(CAMERA);
    this.#sendRtc(RtcMessageType.VideoOn, encodeVideoOn({ videoStreamID: this.#streamIds.get(CAMERA) ?? '' }));
  }

  /** Ends the screen, or the sound of one. */
  async stopSharing(track: typeof SCREEN | typeof SCREEN_AUDIO = SCREEN_AUDIO): Promise<void> {
    await this.#negotiate(() => this.#peer.send({ do: 'unpublish', track }));
    this.#sendRtc(RtcMessageType.ScreenOff);
  }

  /**
   * The offer goes over the WebSocket: a stack may give up the old path, and the data channel with it, when it offers. A peer that is cut off
   * cannot ask for the lock.
   */
  async restartIce(isCutOff = false): Promise<void> {
    this.#offerOverChannel = false;
    const restart = () => this.#peer.send({ do: 'restartIce' });
    await (isCutOff ? this.#offer(restart) : this.#negotiate(restart));
    this.#offerOverChannel = this.#options.dcSignaling;
  }

  /** Resolves with the pair that media uses now, as the browser's statistics have it. */
  async selectedPair(): Promise<SelectedPair> {
    this.#selectedPair = undefined;
    this.#peer.send({ do: 'selectedPair' });
    await this.until('a report of the selected pair', () => this.#selectedPair !== undefined);
    return this.#selectedPair!;
  }

  /** Leaves the call; the plugin tells rtcd, the peer closes. */
  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.timeline.push('leaves');
    this.#options.calls.leave(this.sessionID);
    this.#peer.send({ do: 'close' });
    this.hearing.close();
  }

  /** Resolves once the condition holds; rejects if the peer reports an error meanwhile. */
  until(what: string, condition: () => boolean): Promise<unknown> {
    const look = async () => {
      if (this.#failure !== undefined) throw new Error(`${this.name}: ${this.#failure}`);
      return {
        holds: condition(),
        map: this.mediaMap,
        tracks: [...this.tracks],
        heard: this.hearing,
        seen: this.seeing,
      };
    };
    return until(`${this.name}: ${what}`, look, ({ holds }) => holds);
  }

  /** The section on which rtcd says that it sends this track, if there is exactly one. */
  midOf(sender: Participant, type: TrackType = VOICE): string | undefined {
    const found = Object.entries(this.mediaMap).filter(
      ([, entry]) => entry.senderID === sender.sessionID && entry.type === type,
    );
    return found.length === 1 ? found[0]?.[0] : undefined;
  }

  #publish(track: string, voice: Voice, streamId: string): Promise<void> {
    this.#streamIds.set(track, streamId);
    return this.#negotiate(() => {
      this.#peer.send({ do: 'publish', track, streamId, hz: voice.hz, frames: voice.frames });
      if (track === VOICE) this.#sendRtc(RtcMessageType.Unmute);
    });
  }

  #publishVideo(track: string): Promise<void> {
    const streamId = newID();
    this.#streamIds.set(track, streamId);
    return this.#negotiate(() => this.#peer.send({ do: 'publishVideo', track, streamId, ...this.video }));
  }

  /** Runs a command that makes the peer offer, under the Calls lock. */
  async #negotiate(command: () => void): Promise<void> {
    await this.#lock();
    await this.#offer(command);
    this.#sendOverChannel({ type: 'unlock' });
  }

  /** Runs a command that makes the peer offer. */
  async #offer(command: () => void): Promise<void> {
    const answersBefore = this.#answers;
    command();
    await this.until('an answer', () => this.#answers > answersBefore);
  }

  /** Asks until it is granted: rtcd may be offering just now. */
  async #lock(): Promise<void> {
    for (;;) {
      this.#sendOverChannel({ type: 'lock' });
      await this.until('an answer to the lock', () => this.#grants.length > 0);
      if (this.#grants.shift() === true) return;
    }
  }

  #sendRtc(type: RtcMessageType, data: Uint8Array = new Uint8Array()): void {
    const { sessionID } = this;
    const { calls, callID } = this.#options;
    calls.client.sendRtc({ groupID: '', callID, userID: this.#userID, sessionID, type, data });
  }

  #sendOverChannel(message: DataChannelMessage): void {
    this.#peer.send({ do: 'dc', data: Buffer.from(encodeDataChannelMessage(message)).toString('base64') });
  }

  #receiveEvent(event: PeerEvent): void {
    if (event.event !== 'heard' && event.event !== 'seen') this.timeline.push(`${this.name}: ${JSON.stringify(event)}`);
    switch (event.event) {
      case 'signal':
        if (event.type === 'offer') {
          this.#beforeOffer?.();
          this.#beforeOffer = undefined;
        }
        return this.#sendDescription({ type: event.type, sdp: event.sdp });
      case 'candidate':
        return this.#sendRtc(RtcMessageType.ICE, encodeIceCandidateInit(withoutUndefined(event.candidate)));
      case 'state':
        if (event.state === 'failed') this.#failure ??= 'the connection failed';
        return;
      case 'channel':
        this.#channelOpen = event.state === 'open';
        return;
      case 'dc':
        return this.#receiveFromChannel(decodeDataChannelMessage(Buffer.from(event.data, 'base64')));
      case 'published':
        this.#streamIds.set(event.track, event.streamId);
        return;
      case 'track':
        this.tracks.set(event.mid, event);
        return;
      case 'ended':
        this.tracks.delete(event.mid);
        return;
      case 'heard':
        if ('hz' in event) return this.hearing.receiveTone(event.mid, event.hz);
        void this.hearing.receivePayload(event.mid, Buffer.from(event.payload, 'base64'));
        return;
      case 'seen':
        if ('width' in event) return this.seeing.receivePictures(event.mid, event.width, event.pictures);
        return this.seeing.receivePayload(event.mid, Buffer.from(event.payload, 'base64'), event.marker);
      case 'selectedPair':
        this.#selectedPair = event;
        return;
      case 'error':
        this.#failure ??= event.message;
        return;
      default:
        event satisfies never;
    }
  }

  #sendDescription(description: SessionDescription): void {
    const isOverChannel =
      this.#channelOpen && (description.type === 'answer' ? this.#answerOverChannel : this.#offerOverChannel);
    if (isOverChannel) this.#sendOverChannel({ type: 'sdp', description });
    else this.#sendRtc(RtcMessageType.SDP, encodeSessionDescription(description));
  }

  #receiveRtc(message: RtcMessage): void {
    if (message.type === RtcMessageType.SDP) {
      this.#receiveDescription(decodeSessionDescription(message.data), false);
      for (const early of this.#early.splice(0)) this.#receiveRtc(early);
    } else if (message.type === RtcMessageType.ICE) {
      if (this.#answers === 0) this.#early.push(message);
      else this.#receiveCandidate(message.data);
    }
  }

  #receiveCandidate(data: Uint8Array): void {
    const init = decodeIceCandidate(data);
    this.timeline.push(`rtcd: ${init.candidate}`);
    const { path } = this.#options;
    const lines = path === undefined ? [init.candidate] : path.redirectCandidate(init.candidate);
    for (const candidate of lines) this.#peer.send({ do: 'candidate', candidate: { ...init, candidate } });
  }

  #receiveFromChannel(message: DataChannelMessage): void {
    if (message.type === 'sdp') this.#receiveDescription(message.description, true);
    if (message.type === 'pong') this.#pongs++;
    if (message.type === 'lock') this.#grants.push(message.granted === true);
    if (message.type === 'mediaMap') {
      this.timeline.push(`rtcd: MediaMap ${JSON.stringify(message.map)}`);
      this.mediaMap = message.map;
    }
  }

  #receiveDescription(description: SessionDescription, isOverChannel: boolean): void {
    this.timeline.push(`rtcd: ${JSON.stringify(description)}`);
    const { type, sdp } = this.#options.path?.redirect(description) ?? description;
    if (type === 'offer') this.#answerOverChannel = isOverChannel;
    else this.#answers++;
    this.#peer.send({ do: 'signal', type, sdp });
  }
}

/** The codec's type has no explicit undefined. */
function withoutUndefined(candidate: object): { candidate: string } {
  return JSON.parse(JSON.stringify(candidate)) as { candidate: string };
}
