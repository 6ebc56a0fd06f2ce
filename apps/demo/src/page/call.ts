import type { BrowserMessage } from '../messages.ts';

export type CallState = 'connecting' | 'connected' | 'interrupted' | 'failed';

/** What a call wants done. */
export interface CallPort {
  send(message: BrowserMessage): void;
  onState(state: CallState): void;
  /** Someone's voice begins; the stream's id is the session id of who speaks. */
  onVoice(sessionID: string, stream: MediaStream, track: MediaStreamTrack): void;
  onVoiceEnded(sessionID: string): void;
  onRoundTrip(roundTripMs: number): void;
  /** An offer or answer could not be applied. Voices that already flow go on. */
  onSignalingError(): void;
}

type Signal = RTCSessionDescriptionInit | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit };

const pingIntervalMs = 2000;

/**
 * The page's side of a call with rtcd: this end offers first, with the data channel that rtcd wants and the microphone;
 * rtcd offers every other voice later. On a collision this end is the polite one ("perfect negotiation", WebRTC section 10.7).
 */
export class Call {
  readonly #peer = new RTCPeerConnection();
  readonly #port: CallPort;
  readonly #sender: RTCRtpSender | undefined;
  readonly #pingTimer: number;
  /** Candidates that came before the description they belong to. */
  readonly #early: RTCIceCandidateInit[] = [];
  #signals: Promise<void> = Promise.resolve();

  constructor(microphone: MediaStream | undefined, port: CallPort) {
    this.#port = port;
    const peer = this.#peer;
    peer.onnegotiationneeded = () => this.#enqueue(() => this.#offer());
    peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null) port.send({ type: 'candidate', candidate: candidate.toJSON() as { candidate: string } });
    };
    peer.onconnectionstatechange = () => this.#connectionChanged();
    peer.ontrack = ({ track, streams: [stream] }) => this.#trackAdded(track, stream);
    this.#pingTimer = this.#pingOn(peer.createDataChannel('calls-dc'));
    const track = microphone?.getAudioTracks()[0];
    if (microphone !== undefined && track !== undefined) this.#sender = peer.addTrack(track, microphone);
  }

  /** A signal of rtcd: the JSON of a description or a candidate. */
  signal(data: string): void {
    const signal = JSON.parse(data) as Signal;
    this.#enqueue(() => this.#receive(signal));
  }

  setMuted(muted: boolean): void {
    const track = this.#sender?.track;
    if (track) track.enabled = !muted;
    this.#port.send({ type: muted ? 'mute' : 'unmute' });
  }

  /** Sends another microphone from now on, without another offer. Rejects if the browser cannot. */
  async replaceMicrophone(microphone: MediaStream): Promise<void> {
    const [track] = microphone.getAudioTracks();
    if (track === undefined || this.#sender === undefined) return;
    track.enabled = this.#sender.track?.enabled ?? true;
    await this.#sender.replaceTrack(track);
  }

  getStats(): Promise<RTCStatsReport> {
    return this.#peer.getStats();
  }

  close(): void {
    clearInterval(this.#pingTimer);
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  /** One step of signalling at a time, so that an offer cannot overtake the answer before it. */
  #enqueue(step: () => Promise<void>): void {
    this.#signals = this.#signals.then(step).catch((error: unknown) => {
      if (this.#peer.signalingState === 'closed') return;
      console.error('signaling failed', error);
      this.#port.onSignalingError();
    });
  }

  async #offer(): Promise<void> {
    // An offer of rtcd may have come in between; the browser asks again once that is answered.
    if (this.#peer.signalingState !== 'stable') return;
    await this.#peer.setLocalDescription();
    this.#sendDescription();
  }

  async #receive(signal: Signal): Promise<void> {
    const peer = this.#peer;
    if (signal.type === 'candidate') {
      if (peer.remoteDescription === null) this.#early.push(signal.candidate);
      else await peer.addIceCandidate(signal.candidate);
      return;
    }
    // Being polite: setting rtcd's offer takes back an own one that is still open.
    await peer.setRemoteDescription(signal);
    for (const candidate of this.#early.splice(0)) await peer.addIceCandidate(candidate);
    if (signal.type !== 'offer') return;
    await peer.setLocalDescription();
    this.#sendDescription();
  }

  #sendDescription(): void {
    const description = this.#peer.localDescription;
    if (description?.type !== 'offer' && description?.type !== 'answer') return;
    this.#port.send({ type: 'description', description: { type: description.type, sdp: description.sdp } });
  }

  #trackAdded(track: MediaStreamTrack, stream: MediaStream | undefined): void {
    if (stream === undefined) return;
    stream.onremovetrack = () => this.#port.onVoiceEnded(stream.id);
    this.#port.onVoice(stream.id, stream, track);
  }

  #connectionChanged(): void {
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#port.onState('connected');
        break;
      case 'disconnected':
        this.#port.onState('interrupted');
        break;
      case 'failed':
        this.#port.onState('failed');
        break;
      default:
    }
  }

  /** The text `ping` is answered with the text `pong`; one at a time is under way. */
  #pingOn(channel: RTCDataChannel): number {
    let sentAt: number | undefined;
    channel.onmessage = ({ data }) => {
      if (data !== 'pong' || sentAt === undefined) return;
      this.#port.onRoundTrip(performance.now() - sentAt);
      sentAt = undefined;
    };
    const ping = () => {
      if (channel.readyState !== 'open' || sentAt !== undefined) return;
      sentAt = performance.now();
      channel.send('ping');
    };
    channel.onopen = ping;
    return window.setInterval(ping, pingIntervalMs);
  }
}
