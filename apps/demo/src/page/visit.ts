import type { Participant, ServerMessage } from '../messages.ts';
import { Call, type CallState } from './call.ts';
import type { Figures } from './figures.ts';
import { openSocket, type Socket } from './socket.ts';
import { Voices } from './voices.ts';

export type EndReason = 'left' | 'connection_lost' | 'closed_by_service' | 'refused';

/** What a visit tells the page. */
export interface VisitPort {
  onJoined(selfID: string): void;
  onState(state: CallState): void;
  onParticipant(participant: Participant): void;
  onLeft(sessionID: string): void;
  onFigures(figures: ReadonlyMap<string, Figures>): void;
  /** Whether the server reaches rtcd; voices go on without. */
  onService(connected: boolean): void;
  onEnd(reason: EndReason, message?: string): void;
}

export interface VisitOptions {
  readonly name: string;
  readonly room: string;
  readonly microphone: MediaStream | undefined;
}

const statsIntervalMs = 250;

/** One stay in a room, from joining to leaving: the socket, the call and the voices live and end together. */
export class Visit {
  readonly #options: VisitOptions;
  readonly #port: VisitPort;
  readonly #voices = new Voices();
  #socket: Socket | undefined;
  #call: Call | undefined;
  #statsTimer = 0;
  #selfID = '';
  #ended = false;

  constructor(options: VisitOptions, port: VisitPort) {
    this.#options = options;
    this.#port = port;
  }

  /** Connects to the server and asks to join. Rejects if there is no server. */
  async start(): Promise<void> {
    const { name, room, microphone } = this.#options;
    try {
      this.#socket = await openSocket({
        onMessage: (message) => this.#receive(message),
        onClose: () => this.#end('connection_lost'),
      });
    } catch (error) {
      this.#stopMicrophone();
      throw error;
    }
    this.#socket.send({ type: 'join', name, room, microphone: microphone !== undefined });
  }

  setMuted(muted: boolean): void {
    this.#call?.setMuted(muted);
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
    this.#port.onJoined(sessionID);
    for (const participant of participants) this.#port.onParticipant(participant);
    this.#call = new Call(this.#options.microphone, {
      send: (message) => this.#socket?.send(message),
      onState: (state) => this.#port.onState(state),
      onVoice: (speakerID, stream, track) => this.#voices.add(speakerID, stream, track),
      onVoiceEnded: (speakerID) => this.#voices.remove(speakerID),
      onRoundTrip: (roundTripMs) => this.#socket?.send({ type: 'report', roundTripMs }),
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
    this.#socket?.close();
    this.#call?.close();
    this.#voices.clear();
    this.#stopMicrophone();
    this.#port.onEnd(reason, message);
  }

  /** Lets the browser's recording light go out. */
  #stopMicrophone(): void {
    for (const track of this.#options.microphone?.getTracks() ?? []) track.stop();
  }
}
