import { decodeMulti, encode } from '@msgpack/msgpack';
import { unzlibSync, zlibSync } from 'fflate';

/** Differences between the clients of Calls. */
export interface PeerOptions {
  /** Descriptions go over the data channel once it is open; candidates never do. */
  readonly dcSignaling: boolean;
  /** The client asks for the signaling lock before it adds or removes a track. */
  readonly locks: boolean;
  /** The client gives up when it is not connected after this time. */
  readonly connectLimitMs: number;
}

export interface PeerEvents {
  /** A message to the plugin, over the client's WebSocket. */
  send(action: 'sdp' | 'ice', data: string | Uint8Array): void;
  /** A remote track, with the media map's entry for its section at that moment. */
  onTrack(track: MediaStreamTrack, entry: MediaMapEntry | undefined): void;
}

/** Parameters with which a video track is sent. */
export interface VideoSending {
  readonly encodings: readonly RTCRtpEncodingParameters[];
  readonly codec?: RTCRtpCodec | undefined;
}

export interface MediaMapEntry {
  readonly type: string;
  readonly sender_id: string;
}

/** By mid. */
export type MediaMap = Readonly<Record<string, MediaMapEntry>>;

/** Numbers of the messages on the data channel. */
const dc = { ping: 1, pong: 2, sdp: 3, lossRate: 4, roundTripTime: 5, jitter: 6, lock: 7, unlock: 8, mediaMap: 9 };

const lockRetryMs = 50;
const lockLimitMs = 5000;
const pingIntervalMs = 1000;

const wait = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

/**
 * A peer connection that behaves toward rtcd as those of the web and mobile clients of Mattermost Calls do: one data channel
 * first, tracks later, the signaling lock, an unlock after every answer, and rollback on a collision.
 */
export class CallsClientPeer {
  readonly pc = new RTCPeerConnection();
  readonly connected: Promise<void>;
  /** Seconds, of the last ping. */
  roundTrip = 0;
  readonly #options: PeerOptions;
  readonly #events: PeerEvents;
  readonly #channel: RTCDataChannel;
  readonly #early: RTCIceCandidateInit[] = [];
  #mediaMap: MediaMap = {};
  #onLock: ((granted: boolean) => void) | undefined;
  #isAdding = false;
  #answers = 0;
  #pingedAt = 0;

  constructor(options: PeerOptions, events: PeerEvents) {
    this.#options = options;
    this.#events = events;
    const { pc } = this;
    pc.onnegotiationneeded = () => void this.#offer();
    pc.onicecandidate = ({ candidate }) => {
      if (candidate !== null) events.send('ice', JSON.stringify(candidate));
    };
    pc.ontrack = ({ track, transceiver }) => events.onTrack(track, this.#mediaMap[transceiver.mid ?? '']);
    this.#channel = pc.createDataChannel('calls-dc');
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.onmessage = ({ data }) => this.#receive(new Uint8Array(data));
    setInterval(() => this.#ping(), pingIntervalMs);
    this.connected = this.#untilConnected();
  }

  /** The last one that rtcd sent. */
  get mediaMap(): MediaMap {
    return this.#mediaMap;
  }

  /** A signal of rtcd, as the plugin passes it on: the JSON of a description or a candidate. */
  async signal(text: string): Promise<void> {
    const signal = JSON.parse(text) as
      | RTCSessionDescriptionInit
      | { type: 'candidate'; candidate: RTCIceCandidateInit };
    if (signal.type === 'candidate') {
      if (this.pc.remoteDescription === null) this.#early.push(signal.candidate);
      else await this.pc.addIceCandidate(signal.candidate);
      return;
    }
    try {
      await this.pc.setRemoteDescription(signal);
      for (const candidate of this.#early.splice(0)) await this.pc.addIceCandidate(candidate);
      if (signal.type === 'offer') {
        await this.pc.setLocalDescription();
        this.#describe();
      } else {
        this.#answers += 1;
        // After every answer but the first, whether or not the lock was taken.
        if (this.#answers > 1) this.#say(dc.unlock);
      }
    } catch (error) {
      this.#say(dc.unlock);
      throw error;
    }
  }

  /** Adds an audio track, on any audio section that sends nothing yet. */
  async addTrack(track: MediaStreamTrack, stream: MediaStream): Promise<void> {
    await this.#withLock(() => {
      this.pc.addTrack(track, stream);
    });
  }

  /** Adds a video track on a section of its own, with these encodings, and this codec alone if one is given. */
  async addVideo(track: MediaStreamTrack, stream: MediaStream, { encodings, codec }: VideoSending): Promise<void> {
    const sendEncodings = encodings.map((encoding) => ({ ...encoding }));
    await this.#withLock(() => {
      const transceiver = this.pc.addTransceiver(track, { direction: 'sendrecv', streams: [stream], sendEncodings });
      if (codec) transceiver.setCodecPreferences([codec]);
    });
  }

  async removeTrack(track: MediaStreamTrack): Promise<void> {
    await this.#withLock(() => {
      for (const sender of this.pc.getSenders()) if (sender.track === track) this.pc.removeTrack(sender);
    });
  }

  /** Sends a track where `current` is sent, or nothing there. No renegotiation. */
  async replaceTrack(sender: RTCRtpSender, track: MediaStreamTrack | null): Promise<void> {
    await sender.replaceTrack(track);
  }

  async #withLock(change: () => void): Promise<void> {
    if (!this.#options.locks) return change();
    const deadline = performance.now() + lockLimitMs;
    while (this.#isAdding || this.#channel.readyState !== 'open') {
      if (performance.now() > deadline) throw new Error('timed out waiting to add a track');
      await wait(lockRetryMs);
    }
    this.#isAdding = true;
    try {
      while (!(await this.#lock())) {
        if (performance.now() > deadline) throw new Error('timed out waiting for the signaling lock');
        await wait(lockRetryMs);
      }
      change();
    } finally {
      this.#isAdding = false;
    }
  }

  #lock(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onLock = resolve;
      this.#say(dc.lock);
    });
  }

  async #offer(): Promise<void> {
    try {
      await this.pc.setLocalDescription();
      this.#describe();
    } catch (error) {
      this.#say(dc.unlock);
      throw error;
    }
  }

  #describe(): void {
    const description = zlibSync(new TextEncoder().encode(JSON.stringify(this.pc.localDescription)));
    if (this.#options.dcSignaling && this.#channel.readyState === 'open') this.#say(dc.sdp, description);
    else this.#events.send('sdp', description);
  }

  #receive(bytes: Uint8Array): void {
    const [type, payload] = decodeMulti(bytes);
    if (type === dc.pong) this.roundTrip = (performance.now() - this.#pingedAt) / 1000;
    if (type === dc.sdp) void this.signal(new TextDecoder().decode(unzlibSync(payload as Uint8Array)));
    if (type === dc.lock) this.#onLock?.(payload as boolean);
    if (type === dc.mediaMap) this.#mediaMap = payload as MediaMap;
  }

  #ping(): void {
    this.#pingedAt = performance.now();
    this.#say(dc.ping);
  }

  #say(type: number, payload?: unknown): void {
    if (this.#channel.readyState !== 'open') return;
    const values = payload === undefined ? [encode(type)] : [encode(type), encode(payload)];
    this.#channel.send(new Uint8Array(values.flatMap((value) => [...value])));
  }

  #untilConnected(): Promise<void> {
    return new Promise((resolve, reject) => {
      const { connectLimitMs } = this.#options;
      setTimeout(() => reject(new Error(`not connected after ${connectLimitMs} ms`)), connectLimitMs);
      this.pc.onconnectionstatechange = () => {
        if (this.pc.connectionState === 'connected') resolve();
      };
    });
  }
}
