import type { BrowserMessage } from '../messages.ts';
import { RemoteTracks, type RemoteTracksOwner } from './remote-tracks.ts';
import { ServiceChannel } from './service-channel.ts';
import { type VideoOptions, VideoSender } from './video-sender.ts';

export type CallState = 'connecting' | 'connected' | 'interrupted' | 'failed';

/** The owner of a call. */
export interface CallOwner extends RemoteTracksOwner {
  send(message: BrowserMessage): void;
  onState(state: CallState): void;
  onRoundTrip(roundTripMs: number): void;
  /** An offer or answer could not be applied. Voices that already flow continue. */
  onSignalingError(): void;
}

/** About as long as a browser takes to see that a path is dead. */
const restartIntervalMs = 5_000;

type Signal = RTCSessionDescriptionInit | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit };

/**
 * The page's side of a call with rtcd: this end offers first, with the data channel that rtcd requires and the microphone;
 * rtcd offers all that others send later. Further tracks of this end wait for rtcd's lock; should offers collide all the same, this end is the polite
 * one ("perfect negotiation", WebRTC section 10.7).
 */
export class Call {
  readonly #peer = new RTCPeerConnection();
  readonly #owner: CallOwner;
  readonly video: VideoSender;
  readonly #tracks: RemoteTracks;
  readonly #sender: RTCRtpSender | undefined;
  readonly #channel: ServiceChannel;
  /** Candidates that came before the description they belong to. */
  readonly #early: RTCIceCandidateInit[] = [];
  #signals: Promise<void> = Promise.resolve();
  #changes: Promise<void> = Promise.resolve();
  #hasAnswer = false;
  #restartTimer = 0;

  constructor(microphone: MediaStream | undefined, video: VideoOptions, owner: CallOwner) {
    this.#owner = owner;
    this.#tracks = new RemoteTracks(owner);
    this.video = new VideoSender(this.#peer, video, {
      send: (message) => owner.send(message),
      change: (work) => this.#change(work),
    });
    const peer = this.#peer;
    peer.onnegotiationneeded = () => this.#enqueue(() => this.#offer());
    peer.onicecandidate = ({ candidate }) => {
      if (candidate !== null) owner.send({ type: 'candidate', candidate: candidate.toJSON() as { candidate: string } });
    };
    peer.onconnectionstatechange = () => this.#connectionChanged();
    peer.ontrack = (event) => this.#tracks.add(event);
    this.#channel = new ServiceChannel(peer.createDataChannel('calls-dc'), {
      onRoundTrip: (roundTripMs) => owner.onRoundTrip(roundTripMs),
      onMediaMap: (map) => this.#tracks.setMediaMap(map),
    });
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
    this.#sendMuted(muted);
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

  /** The network of this browser has changed: looks for another way to rtcd. Media continues on the one it has meanwhile. */
  restartIce(): void {
    this.#peer.restartIce();
  }

  /** Messages were lost: repeats whether the microphone is muted, and an offer that is not answered. */
  repeat(): void {
    const track = this.#sender?.track;
    if (track) this.#sendMuted(!track.enabled);
    this.#enqueue(async () => {
      if (this.#peer.signalingState === 'have-local-offer') this.#sendDescription();
    });
  }

  close(): void {
    clearInterval(this.#restartTimer);
    this.video.close();
    this.#channel.close();
    this.#peer.onconnectionstatechange = null;
    this.#peer.close();
  }

  #sendMuted(muted: boolean): void {
    this.#owner.send({ type: muted ? 'mute' : 'unmute' });
  }

  /** One change at a time; rtcd refuses the lock for the next one until the answer to this one. */
  #change(work: () => void): Promise<void> {
    const change = this.#changes.then(async () => {
      await this.#channel.lock();
      work();
    });
    this.#changes = change.catch(() => undefined);
    return change;
  }

  /** One step of signaling at a time, so that an offer cannot overtake the answer before it. */
  #enqueue(step: () => Promise<void>): void {
    this.#signals = this.#signals.then(step).catch((error: unknown) => {
      if (this.#peer.signalingState === 'closed') return;
      this.#channel.unlock();
      console.error('signaling failed', error);
      this.#owner.onSignalingError();
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
    if (signal.type !== 'offer') {
      // The first offer needs no lock.
      if (this.#hasAnswer) this.#channel.unlock();
      this.#hasAnswer = true;
      return;
    }
    await peer.setLocalDescription();
    this.#sendDescription();
  }

  #sendDescription(): void {
    const description = this.#peer.localDescription;
    if (description?.type !== 'offer' && description?.type !== 'answer') return;
    this.#owner.send({ type: 'description', description: { type: description.type, sdp: description.sdp } });
  }

  #connectionChanged(): void {
    clearInterval(this.#restartTimer);
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#owner.onState('connected');
        break;
      case 'disconnected':
        this.#owner.onState('interrupted');
        this.#keepRestartingIce();
        break;
      case 'failed':
        this.#owner.onState('failed');
        this.#keepRestartingIce();
        break;
      default:
    }
  }

  /** Until it is connected: the network may be away for a while, and come back with other addresses. */
  #keepRestartingIce(): void {
    this.restartIce();
    this.#restartTimer = window.setInterval(() => this.restartIce(), restartIntervalMs);
  }
}
