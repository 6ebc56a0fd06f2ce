import type { Inspection } from '../inspection.ts';
import type { Participant, ServerMessage } from '../messages.ts';
import { Call, type CallState } from './call.ts';
import type { Figures } from './figures.ts';
import { readMediaWay } from './media-way.ts';
import type { RemoteTrack } from './remote-tracks.ts';
import { openSocket, type Socket } from './socket.ts';
import { readVideoSamples, type VideoFigures, VideoMeter } from './video-figures.ts';
import { usesAv1, type VideoOptions, type VideoSender } from './video-sender.ts';
import { Voices } from './voices.ts';

export type EndReason = 'left' | 'connection_lost' | 'closed_by_service' | 'refused';

/** Events of a visit, for the page. */
export interface VisitOwner {
  onJoined(selfID: string, participants: readonly Participant[]): void;
  onState(state: CallState): void;
  onParticipant(participant: Participant): void;
  onLeft(sessionID: string): void;
  /** The connection to the server was lost, and is there again: this is who takes part now. */
  onResumed(participants: readonly Participant[]): void;
  onFigures(figures: ReadonlyMap<string, Figures>): void;
  /** A screen or camera of another participant begins. */
  onVideo(remote: RemoteTrack): void;
  onVideoEnded(remote: RemoteTrack): void;
  /** By track id. */
  onVideoFigures(figures: ReadonlyMap<string, VideoFigures>): void;
  /** The way that media goes as the browser sees it. */
  onMediaWay(way: string | undefined): void;
  /** Someone else shares a screen already. */
  onScreenRefused(message: string): void;
  /** Reports whether the server reaches rtcd; voices continue without. */
  onService(connected: boolean): void;
  onSignalingError(): void;
  /** The page's own session as rtcd knows it, if rtcd allows it to be inspected. */
  onInspection(inspection: Inspection | undefined): void;
  /** The microphone was unplugged or taken away. */
  onMicrophoneLost(): void;
  onEnd(reason: EndReason, message?: string): void;
}

export interface VisitOptions {
  readonly name: string;
  readonly room: string;
  readonly microphone: MediaStream | undefined;
  readonly video: VideoOptions;
}

const statsIntervalMs = 250;
const inspectionIntervalMs = 1000;
const reconnectIntervalMs = 1000;
/** The server keeps a session for so long. */
const reconnectLimitMs = 30_000;

/** One stay in a room, from joining to leaving: the socket, the call and the voices live and end together. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #owner: VisitOwner;
  readonly #voices = new Voices();
  readonly #videoMeter = new VideoMeter();
  #microphone: MediaStream | undefined;
  #socket: Socket | undefined;
  #call: Call | undefined;
  #statsTimer = 0;
  #inspectionTimer = 0;
  #selfID = '';
  /** Resumes the session on another socket. */
  #key = '';
  #ended = false;

  constructor(options: VisitOptions, owner: VisitOwner) {
    this.#options = options;
    this.#owner = owner;
    this.#useMicrophone(options.microphone);
    window.addEventListener('online', this.#networkChanged);
  }

  /** Connects to the server and asks to join. Rejects if there is no server. */
  async start(): Promise<void> {
    const { name, room, video } = this.#options;
    try {
      this.#socket = await this.#openSocket();
    } catch (error) {
      this.#stopMicrophone();
      throw error;
    }
    const microphone = this.#microphone !== undefined;
    this.#socket.send({ type: 'join', name, room, microphone, av1: usesAv1(video) });
  }

  /** Sends the own screen and camera, once the call has begun. */
  get video(): VideoSender | undefined {
    return this.#call?.video;
  }

  setMuted(muted: boolean): void {
    this.#call?.setMuted(muted);
  }

  /** Continues with another microphone, muted as before. */
  async switchMicrophone(microphone: MediaStream): Promise<void> {
    try {
      await this.#call?.replaceMicrophone(microphone);
    } catch (error) {
      stopTracks(microphone);
      throw error;
    }
    this.#stopMicrophone();
    if (this.#ended) stopTracks(microphone);
    else this.#useMicrophone(microphone);
  }

  /** Asks for what rtcd knows about the session, again and again, or stops asking. */
  setInspecting(inspecting: boolean): void {
    clearInterval(this.#inspectionTimer);
    if (!inspecting || this.#ended) return;
    const ask = () => this.#socket?.send({ type: 'inspect' });
    this.#inspectionTimer = window.setInterval(ask, inspectionIntervalMs);
    ask();
  }

  leave(): void {
    this.#socket?.send({ type: 'leave' });
    this.#end('left');
  }

  #openSocket(): Promise<Socket> {
    return openSocket({
      onMessage: (message) => this.#receive(message),
      onClose: () => void this.#reconnect(),
    });
  }

  /** Reconnects while the call continues: it needs the socket only for people who join or leave. */
  async #reconnect(): Promise<void> {
    if (this.#key === '') return this.#end('connection_lost');
    const deadline = performance.now() + reconnectLimitMs;
    while (!this.#ended && performance.now() < deadline) {
      try {
        this.#socket = await this.#openSocket();
        this.#socket.send({ type: 'resume', key: this.#key });
        if (this.#ended) this.#socket.close();
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, reconnectIntervalMs));
      }
    }
    this.#end('connection_lost');
  }

  readonly #networkChanged = () => this.#call?.restartIce();

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'joined':
        this.#key = message.key;
        this.#joined(message.sessionID, message.participants);
        break;
      case 'resumed':
        this.#owner.onResumed(message.participants);
        this.#call?.repeat();
        break;
      case 'participant':
        this.#owner.onParticipant(message.participant);
        break;
      case 'left':
        this.#owner.onLeft(message.sessionID);
        break;
      case 'signal':
        this.#call?.signal(message.data);
        break;
      case 'service':
        this.#owner.onService(message.connected);
        break;
      case 'inspection':
        this.#owner.onInspection(message.inspection);
        break;
      case 'closed':
        this.#end('closed_by_service');
        break;
      case 'error':
        if (message.code === 'screen_taken') this.#owner.onScreenRefused(message.message);
        else if (message.code === 'not_resumed') this.#end('connection_lost');
        else this.#end('refused', message.message);
        break;
      default:
        message satisfies never;
    }
  }

  #joined(sessionID: string, participants: readonly Participant[]): void {
    this.#selfID = sessionID;
    this.#owner.onJoined(sessionID, participants);
    this.#call = new Call(this.#microphone, this.#options.video, {
      send: (message) => this.#socket?.send(message),
      onState: (state) => this.#owner.onState(state),
      onTrack: (remote) => {
        if (remote.track.kind === 'audio') this.#voices.add(remote);
        else this.#owner.onVideo(remote);
      },
      onTrackEnded: (remote) => {
        if (remote.track.kind === 'audio') this.#voices.remove(remote.track);
        else this.#owner.onVideoEnded(remote);
      },
      onRoundTrip: (roundTripMs) => this.#socket?.send({ type: 'report', roundTripMs }),
      onSignalingError: () => this.#owner.onSignalingError(),
    });
    this.#statsTimer = window.setInterval(() => void this.#measure(), statsIntervalMs);
  }

  async #measure(): Promise<void> {
    const report = await this.#call?.getStats();
    if (report === undefined || this.#ended) return;
    this.#owner.onFigures(this.#voices.figures(report, this.#selfID));
    this.#owner.onVideoFigures(this.#videoMeter.update(readVideoSamples(report)));
    this.#owner.onMediaWay(readMediaWay(report));
  }

  #end(reason: EndReason, message?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    window.removeEventListener('online', this.#networkChanged);
    clearInterval(this.#statsTimer);
    this.setInspecting(false);
    this.#socket?.close();
    this.#call?.close();
    this.#voices.clear();
    this.#stopMicrophone();
    this.#owner.onEnd(reason, message);
  }

  #useMicrophone(microphone: MediaStream | undefined): void {
    this.#microphone = microphone;
    for (const track of microphone?.getAudioTracks() ?? []) track.onended = () => this.#owner.onMicrophoneLost();
  }

  #stopMicrophone(): void {
    if (this.#microphone !== undefined) stopTracks(this.#microphone);
    this.#microphone = undefined;
  }
}

/** Also turns the browser's recording light off. */
function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
