import { selectedCandidates } from '../../../../apps/demo/src/page/media-way.ts';
import type { Command, PeerEvent, SelectedPair } from '../../src/contract.ts';

/** The peer program of browsers: runs in a page, whose driver passes lines in both directions. */
interface ProgramWindow {
  /** Takes a line; the driver calls it. */
  command(line: string): void;
  /** Passes a line on; the driver provides it. */
  emitLine(line: string): void;
}

type Start = Extract<Command, { do: 'start' }>;
type Publish = Extract<Command, { do: 'publish' }>;
type PublishVideo = Extract<Command, { do: 'publishVideo' }>;

const REPORT_MS = 100;
const FRAMES_PER_SECOND = 10;
/** Quota of `getRandomValues`. */
const MAX_RANDOM_BYTES = 65_536;
/** Samples of one look: 85 ms at 48 kHz, so a bin is 12 Hz wide. */
const FFT_SIZE = 4096;
const AUDIBLE_DECIBELS = -50;

const page = window as unknown as ProgramWindow;
const audio = new AudioContext({ sampleRate: 48_000 });

class Peer {
  readonly #name: string;
  readonly #connection: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #published = new Map<string, { readonly sender: RTCRtpSender; readonly track: MediaStreamTrack }>();
  readonly #timers = new Map<string, ReturnType<typeof setInterval>>();
  #closed = false;

  constructor(name: string, certificates: RTCCertificate[], iceServers: RTCIceServer[]) {
    this.#name = name;
    this.#connection = new RTCPeerConnection({ certificates, iceServers });
    this.#channel = this.#connection.createDataChannel('calls-dc');
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.onopen = () => this.emit({ event: 'channel', state: 'open' });
    this.#channel.onclose = () => this.emit({ event: 'channel', state: 'closed' });
    this.#channel.onmessage = ({ data }) => {
      const bytes = new Uint8Array(data as ArrayBuffer);
      this.emit({ event: 'dc', data: btoa(String.fromCharCode(...bytes)) });
    };
    this.#connection.onconnectionstatechange = () =>
      this.emit({ event: 'state', state: this.#connection.connectionState });
    this.#connection.onicecandidate = ({ candidate }) => {
      if (candidate !== null && candidate.candidate !== '') {
        this.emit({ event: 'candidate', candidate: candidate.toJSON() as { candidate: string } });
      }
    };
    this.#connection.ontrack = (event) => this.#announce(event);
  }

  static async create(name: string, { certificate, iceServers = [] }: Start): Promise<Peer> {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: exponent };
    const ecdsa = { name: 'ECDSA', namedCurve: 'P-256' };
    const parameters = certificate === 'rsa' ? algorithm : ecdsa;
    return new Peer(name, [await RTCPeerConnection.generateCertificate(parameters)], [...iceServers]);
  }

  emit(event: PeerEvent): void {
    if (!this.#closed) page.emitLine(JSON.stringify({ peer: this.#name, ...event }));
  }

  async run(command: Command): Promise<void> {
    switch (command.do) {
      case 'start':
        return this.#offer();
      case 'signal':
        await this.#connection.setRemoteDescription({ type: command.type, sdp: command.sdp });
        return command.type === 'offer' ? this.#offer() : undefined;
      case 'candidate':
        return this.#connection.addIceCandidate(command.candidate as RTCIceCandidateInit);
      case 'dc':
        return this.#channel.send(Uint8Array.from(atob(command.data), (character) => character.charCodeAt(0)));
      case 'publish':
        return this.#publish(command);
      case 'publishVideo':
        return this.#publishVideo(command);
      case 'unpublish':
        this.#connection.removeTrack(this.#published.get(command.track)!.sender);
        return this.#offer();
      case 'mute':
        return this.#published.get(command.track)!.sender.replaceTrack(null);
      case 'unmute':
        return this.#published.get(command.track)!.sender.replaceTrack(this.#published.get(command.track)!.track);
      case 'restartIce':
        this.#connection.restartIce();
        return this.#offer();
      case 'selectedPair':
        return this.#reportPair();
      case 'close':
        return this.#close();
      default:
        command satisfies never;
    }
  }

  /** Makes the offer or the answer that is due, and emits it. */
  async #offer(): Promise<void> {
    await this.#connection.setLocalDescription();
    const { type, sdp } = this.#connection.localDescription!;
    this.emit({ event: 'signal', type: type as 'offer' | 'answer', sdp });
  }

  #publish({ track, hz }: Publish): Promise<void> {
    const tone = new OscillatorNode(audio, { frequency: hz });
    const stream = tone.connect(
      new MediaStreamAudioDestinationNode(audio, { channelCount: 1 }),
    ) as MediaStreamAudioDestinationNode;
    tone.start();
    return this.#add(track, stream.stream);
  }

  async #reportPair(): Promise<void> {
    const candidates = selectedCandidates(await this.#connection.getStats());
    if (candidates === undefined) throw new Error('no pair is selected');
    this.emit({ event: 'selectedPair', ...(candidates as unknown as SelectedPair) });
  }

  #publishVideo({ track, width, height, isNoise = false }: PublishVideo): Promise<void> {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    let frame = 0;
    const paintColor = () => {
      context.fillStyle = `hsl(${(frame++ * 10) % 360} 60% 50%)`;
      context.fillRect(0, 0, width, height);
    };
    const noise = context.createImageData(width, height);
    const paintNoise = () => {
      for (let i = 0; i < noise.data.length; i += MAX_RANDOM_BYTES) {
        crypto.getRandomValues(noise.data.subarray(i, i + MAX_RANDOM_BYTES));
      }
      context.putImageData(noise, 0, 0);
    };
    const paint = isNoise ? paintNoise : paintColor;
    paint();
    clearInterval(this.#timers.get(track));
    this.#timers.set(track, setInterval(paint, 1_000 / FRAMES_PER_SECOND));
    return this.#add(track, canvas.captureStream(FRAMES_PER_SECOND));
  }

  #add(name: string, stream: MediaStream): Promise<void> {
    const [track] = stream.getTracks() as [MediaStreamTrack];
    this.#published.set(name, { sender: this.#connection.addTrack(track, stream), track });
    this.emit({ event: 'published', track: name, streamId: stream.id });
    return this.#offer();
  }

  #announce({ track, streams, transceiver }: RTCTrackEvent): void {
    const mid = transceiver.mid!;
    this.emit({ event: 'track', mid, trackId: track.id, streamId: streams[0]?.id ?? '' });
    const stop = track.kind === 'audio' ? this.#listen(track, mid) : this.#watch(track, mid);
    track.onended = () => {
      stop();
      this.emit({ event: 'ended', mid });
    };
  }

  /** Reports the pictures of a remote track as they are decoded. */
  #watch(track: MediaStreamTrack, mid: string): () => void {
    const video = Object.assign(document.createElement('video'), { muted: true, autoplay: true });
    video.srcObject = new MediaStream([track]);
    document.body.append(video);
    const report = () => {
      this.emit({ event: 'seen', mid, width: video.videoWidth, pictures: 1 });
      video.requestVideoFrameCallback(report);
    };
    video.requestVideoFrameCallback(report);
    return () => video.remove();
  }

  /** Reports the loudest frequency of a remote track while it is audible. */
  #listen(track: MediaStreamTrack, mid: string): () => void {
    // Chromium decodes a remote track only while an element plays it.
    const player = new Audio();
    player.srcObject = new MediaStream([track]);
    player.muted = true;
    void player.play();
    const source = new MediaStreamAudioSourceNode(audio, { mediaStream: new MediaStream([track]) });
    const analyser = new AnalyserNode(audio, { fftSize: FFT_SIZE, smoothingTimeConstant: 0 });
    source.connect(analyser);
    const spectrum = new Float32Array(analyser.frequencyBinCount);
    clearInterval(this.#timers.get(mid));
    const timer = setInterval(() => {
      analyser.getFloatFrequencyData(spectrum);
      const loudest = spectrum.reduce((best, decibels, bin) => (decibels > spectrum[best]! ? bin : best), 0);
      if (spectrum[loudest]! < AUDIBLE_DECIBELS) return;
      this.emit({ event: 'heard', mid, hz: (loudest * audio.sampleRate) / FFT_SIZE });
    }, REPORT_MS);
    this.#timers.set(mid, timer);
    return () => {
      clearInterval(timer);
      player.srcObject = null;
    };
  }

  #close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearInterval(timer);
    for (const { track } of this.#published.values()) track.stop();
    this.#connection.close();
  }
}

const exponent = new Uint8Array([1, 0, 1]);
const peers = new Map<string, Promise<Peer>>();

/** Commands to one peer run one after the other. */
page.command = (line) => {
  const { peer: name, ...command } = JSON.parse(line) as Command & { readonly peer: string };
  const creating = peers.get(name) ?? Peer.create(name, command as Start);
  const run = async () => {
    const peer = await creating;
    try {
      await peer.run(command as Command);
    } catch (error) {
      peer.emit({ event: 'error', message: `${command.do}: ${error}` });
    }
    return peer;
  };
  peers.set(name, run());
};
