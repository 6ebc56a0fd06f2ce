import type { Inspection } from '../inspection.ts';
import type { Participant, ServerMessage } from '../messages.ts';
import { Call, type CallState } from './call.ts';
import type { Figures } from './figures.ts';
import { openSocket, type Socket } from './socket.ts';
import { Voices } from './voices.ts';

export type EndReason = 'left' | 'connection_lost' | 'closed_by_service' | 'refused';

/** What a visit tells the page. */
export interface VisitPort {
  onJoined(selfID: string, participants: readonly Participant[]): void;
  onState(state: CallState): void;
  onParticipant(participant: Participant): void;
  onLeft(sessionID: string): void;
  onFigures(figures: ReadonlyMap<string, Figures>): void;
  /** Whether the server reaches rtcd; voices go on without. */
  onService(connected: boolean): void;
  onSignalingError(): void;
  /** What rtcd knows about the own session, if it tells. */
  onInspection(inspection: Inspection | undefined): void;
  /** The microphone was unplugged or taken away. */
  onMicrophoneLost(): void;
  onEnd(reason: EndReason, message?: string): void;
}

export interface VisitOptions {
  readonly name: string;
  readonly room: string;
  readonly microphone: MediaStream | undefined;
}

const statsIntervalMs = 250;
const inspectionIntervalMs = 1000;

/** One stay in a room, from joining to leaving: the socket, the call and the voices live and end together. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #port: VisitPort;
  readonly #voices = new Voices();
  #microphone: MediaStream | undefined;
  #socket: Socket | undefined;
  #call: Call | undefined;
  #statsTimer = 0;
  #inspectionTimer = 0;
  #selfID = '';
  #ended = false;

  constructor(options: VisitOptions, port: VisitPort) {
    this.#options = options;
    this.#port = port;
    this.#useMicrophone(options.microphone);
  }

  /** Connects to the server and asks to join. Rejects if there is no server. */
  async start(): Promise<void> {
    const { name, room } = this.#options;
    try {
      this.#socket = await openSocket({
        onMessage: (message) => this.#receive(message),
        onClose: () => this.#end('connection_lost'),
      });
    } catch (error) {
      this.#stopMicrophone();
      throw error;
    }
    this.#socket.send({ type: 'join', name, room, microphone: this.#microphone !== undefined });
  }

  setMuted(muted: boolean): void {
    this.#call?.setMuted(muted);
  }

  /** Goes on with another microphone, muted as before. */
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

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'joined':
        this.#joined(message.sessionID, message.participants);
        break;
      case 'participant':
        this.#port.onParticipant(message.participant);
        break;
      case 'left':
        this.#voices.remove(message.sessionID);
        this.#port.onLeft(message.sessionID);
        break;
      case 'signal':
        this.#call?.signal(message.data);
        break;
      case 'service':
        this.#port.onService(message.connected);
        break;
      case 'inspection':
        this.#port.onInspection(message.inspection);
        break;
      case 'closed':
        this.#end('closed_by_service');
        break;
      case 'error':
        this.#end('refused', message.message);
        break;
      default:
        message satisfies never;
    }
  }

  #joined(sessionID: string, participants: readonly Participant[]): void {
    this.#selfID = sessionID;
    this.#port.onJoined(sessionID, participants);
    this.#call = new Call(this.#microphone, {
      send: (message) => this.#socket?.send(message),
      onState: (state) => this.#port.onState(state),
      onVoice: (speakerID, stream, track) => this.#voices.add(speakerID, stream, track),
      onVoiceEnded: (speakerID) => this.#voices.remove(speakerID),
      onRoundTrip: (roundTripMs) => this.#socket?.send({ type: 'report', roundTripMs }),
      onSignalingError: () => this.#port.onSignalingError(),
    });
    this.#statsTimer = window.setInterval(() => void this.#measure(), statsIntervalMs);
  }

  async #measure(): Promise<void> {
    const report = await this.#call?.getStats();
    if (report !== undefined && !this.#ended) this.#port.onFigures(this.#voices.figures(report, this.#selfID));
  }

  #end(reason: EndReason, message?: string): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#statsTimer);
    this.setInspecting(false);
    this.#socket?.close();
    this.#call?.close();
    this.#voices.clear();
    this.#stopMicrophone();
    this.#port.onEnd(reason, message);
  }

  #useMicrophone(microphone: MediaStream | undefined): void {
    this.#microphone = microphone;
    for (const track of microphone?.getAudioTracks() ?? []) track.onended = () => this.#port.onMicrophoneLost();
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
