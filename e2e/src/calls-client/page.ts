import { CallsClientPeer, type MediaMapEntry, type PeerOptions } from './peer.ts';

/** The actions of the client's WebSocket to the plugin. */
export type PluginAction = 'sdp' | 'ice' | 'mute' | 'unmute' | 'screen_on' | 'screen_off' | 'video_on' | 'video_off';

export interface ClientOptions extends PeerOptions {
  /** The mobile client does not wait for its track to be added before it sends `unmute`. */
  readonly waitsForTrack: boolean;
  /** Settings of the installation. */
  readonly simulcast?: boolean;
  readonly av1?: boolean;
  /** Encodings of the screen, in place of those of the client. */
  readonly screenEncodings?: readonly RTCRtpEncodingParameters[];
  /** The only codec in which the screen is sent, in place of the browser's choice: `video/VP9`. */
  readonly screenCodec?: string;
}

/** The page as the test drives it. */
export interface CallsClient {
  readonly peer: CallsClientPeer;
  start(options: ClientOptions): Promise<void>;
  signal(text: string): Promise<void>;
  unmute(): Promise<void>;
  mute(): Promise<void>;
  switchMicrophone(): Promise<void>;
  shareScreen(): Promise<void>;
  stopScreen(): Promise<void>;
  startCamera(): Promise<void>;
  stopCamera(): Promise<void>;
  /** Sources that play now, one per `<audio>` element: `<type>_<session id>`, as in the media map when the track arrived. */
  players(): string[];
  /** Time from the announcement of each track to its first picture, by the same sources. */
  firstPicturesMs(): Readonly<Record<string, number>>;
}

declare global {
  interface Window {
    /** To the plugin; binary data as base64. */
    toPlugin(action: PluginAction, data: string): void;
    client: CallsClient;
    peers: RTCPeerConnection[];
  }
}

const base64 = (bytes: Uint8Array) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));

let peer: CallsClientPeer;
let waitsForTrack = true;
let microphone: MediaStream | undefined;
let sender: RTCRtpSender | undefined;
let screen: MediaStream | undefined;
let camera: MediaStream | undefined;
let cameraSenders: readonly RTCRtpSender[] = [];
let screenEncodings: readonly RTCRtpEncodingParameters[] = [];
let screenCodec: RTCRtpCodec | undefined;
let av1: RTCRtpCodec | undefined;
const firstPicturesMs: Record<string, number> = {};

const screenEncoding = { maxBitrate: 1_000_000, maxFramerate: 10, scaleResolutionDownBy: 1 };
const cameraEncoding = { maxBitrate: 1_000_000, maxFramerate: 30, scaleResolutionDownBy: 1 };
const simulcastEncodings = [
  { rid: 'l', maxBitrate: 500_000, maxFramerate: 5, scaleResolutionDownBy: 1 },
  { rid: 'h', maxBitrate: 2_500_000, maxFramerate: 20, scaleResolutionDownBy: 1 },
];

/**
 * The web client adds a player per audio track that arrives, and removes it when the track has ended, never otherwise. It takes sections that
 * the media map does not know for voices, and drops their video.
 */
function play(track: MediaStreamTrack, entry: MediaMapEntry | undefined): void {
  const type = entry?.type ?? 'voice';
  const types = track.kind === 'audio' ? ['voice', 'screen-audio'] : ['screen', 'video'];
  if (!types.includes(type)) return;
  const player = document.createElement(track.kind as 'audio' | 'video');
  player.autoplay = true;
  player.srcObject = new MediaStream([track]);
  const source = `${entry?.type}_${entry?.sender_id}`;
  player.dataset.source = source;
  // The latest picture wins.
  if (track.kind === 'video') {
    player.muted = true;
    player.setAttribute('aria-label', source);
    const announcedMs = performance.now();
    (player as HTMLVideoElement).requestVideoFrameCallback((nowMs) => {
      firstPicturesMs[source] ??= Math.round(nowMs - announcedMs);
    });
    for (const other of document.querySelectorAll(`video[data-source="${source}"]`)) other.remove();
  }
  document.body.append(player);
  track.onended = () => player.remove();
}

const openMicrophone = () => navigator.mediaDevices.getUserMedia({ audio: true });

async function addVoice(stream: MediaStream): Promise<void> {
  const [track] = stream.getAudioTracks() as [MediaStreamTrack];
  await peer.addTrack(track, stream);
  sender = peer.pc.getSenders().find((candidate) => candidate.track === track);
}

window.client = {
  get peer() {
    return peer;
  },

  start: async (options) => {
    waitsForTrack = options.waitsForTrack;
    const { simulcast = false } = options;
    screenEncodings = options.screenEncodings ?? (simulcast ? simulcastEncodings : [screenEncoding]);
    const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
    const codecOf = (name: string | undefined) => codecs.find(({ mimeType }) => mimeType === name);
    screenCodec = codecOf(options.screenCodec);
    if (options.av1 && !simulcast) av1 = codecOf('video/AV1');
    peer = new CallsClientPeer(options, {
      send: (action, data) => window.toPlugin(action, typeof data === 'string' ? data : base64(data)),
      onTrack: play,
    });
    window.peers = [peer.pc];
    await peer.connected;
  },

  signal: (text) => peer.signal(text),

  unmute: async () => {
    microphone ??= await openMicrophone();
    const [track] = microphone.getAudioTracks() as [MediaStreamTrack];
    if (sender !== undefined) await peer.replaceTrack(sender, track);
    else if (waitsForTrack) await addVoice(microphone);
    else void addVoice(microphone);
    track.enabled = true;
    window.toPlugin('unmute', '');
  },

  mute: async () => {
    if (sender !== undefined) await peer.replaceTrack(sender, null);
    for (const track of microphone?.getTracks() ?? []) track.enabled = false;
    window.toPlugin('mute', '');
  },

  /** While muted, the client forgets its sender: the next unmute adds another track in the same stream object. */
  switchMicrophone: async () => {
    const stream = microphone ?? (await openMicrophone());
    for (const track of stream.getTracks()) {
      track.stop();
      stream.removeTrack(track);
    }
    for (const track of (await openMicrophone()).getTracks()) stream.addTrack(track);
    microphone = stream;
    sender = undefined;
  },

  /** The picture, the sound, and the picture in AV1 each take the lock, one immediately after the other. */
  shareScreen: async () => {
    screen = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
    const [picture] = screen.getVideoTracks() as [MediaStreamTrack];
    window.toPlugin('screen_on', JSON.stringify({ screenStreamID: screen.id }));
    await peer.addVideo(picture, screen, { encodings: screenEncodings, codec: screenCodec });
    for (const sound of screen.getAudioTracks()) await peer.addTrack(sound, screen);
    if (av1) await peer.addVideo(picture, screen, { encodings: [screenEncoding], codec: av1 });
  },

  stopScreen: async () => {
    for (const track of screen?.getTracks() ?? []) {
      track.stop();
      await peer.removeTrack(track);
    }
    window.toPlugin('screen_off', '');
  },

  /** Announced after its media. A camera that was on before is on again under a stream id that no description has. */
  startCamera: async () => {
    camera = await navigator.mediaDevices.getUserMedia({ video: true });
    const [track] = camera.getVideoTracks() as [MediaStreamTrack];
    for (const given of cameraSenders) await given.replaceTrack(track);
    if (cameraSenders.length === 0) {
      await peer.addVideo(track, camera, { encodings: [cameraEncoding] });
      if (av1) await peer.addVideo(track, camera, { encodings: [cameraEncoding], codec: av1 });
      cameraSenders = peer.pc.getSenders().filter((given) => given.track === track);
    }
    window.toPlugin('video_on', JSON.stringify({ videoStreamID: camera.id }));
  },

  stopCamera: async () => {
    for (const given of cameraSenders) await given.replaceTrack(null);
    for (const track of camera?.getTracks() ?? []) track.stop();
    window.toPlugin('video_off', '');
  },

  players: () => [...document.querySelectorAll('audio')].map(({ dataset }) => dataset.source ?? ''),

  firstPicturesMs: () => firstPicturesMs,
};
