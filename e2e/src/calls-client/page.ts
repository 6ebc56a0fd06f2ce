import { CallsClientPeer, type MediaMapEntry, type PeerOptions } from './peer.ts';

/** The actions of the client's WebSocket to the plugin. */
export type PluginAction = 'sdp' | 'ice' | 'mute' | 'unmute' | 'screen_on' | 'screen_off';

export interface ClientOptions extends PeerOptions {
  /** The mobile client does not wait for its track to be added before it says `unmute`. */
  readonly waitsForTrack: boolean;
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
  /** Sources that play now, one per `<audio>` element: `<type>_<session id>`, as the media map said when the track arrived. */
  players(): string[];
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

/** The web client adds a player per `track` event, and removes it when the track has ended, never otherwise. */
function play(track: MediaStreamTrack, entry: MediaMapEntry | undefined): void {
  if (track.kind !== 'audio' || (entry !== undefined && entry.type !== 'voice' && entry.type !== 'screen-audio'))
    return;
  const player = new Audio();
  player.autoplay = true;
  player.srcObject = new MediaStream([track]);
  player.dataset.source = `${entry?.type}_${entry?.sender_id}`;
  document.body.append(player);
  track.onended = () => player.remove();
}

const openMicrophone = () => navigator.mediaDevices.getUserMedia({ audio: true });

async function addVoice(stream: MediaStream): Promise<void> {
  const [track] = stream.getAudioTracks() as [MediaStreamTrack];
  await peer.addTrack(track, stream);
  sender = peer.pc.getSenders().find((candidate) => candidate.track === track);
}

function tone(frequencyHz: number): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: frequencyHz });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(destination);
  oscillator.start();
  return destination.stream.getAudioTracks()[0] as MediaStreamTrack;
}

window.client = {
  get peer() {
    return peer;
  },

  start: async (options) => {
    waitsForTrack = options.waitsForTrack;
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

  /** The screen's picture and sound each take the lock, one immediately after the other. */
  shareScreen: async () => {
    const canvas = document.createElement('canvas');
    canvas.getContext('2d')?.fillRect(0, 0, canvas.width, canvas.height);
    const [picture] = canvas.captureStream(5).getVideoTracks() as [MediaStreamTrack];
    screen = new MediaStream([picture, tone(440)]);
    window.toPlugin('screen_on', JSON.stringify({ screenStreamID: screen.id }));
    for (const track of screen.getTracks()) await peer.addTrack(track, screen);
  },

  stopScreen: async () => {
    for (const track of screen?.getTracks() ?? []) {
      track.stop();
      await peer.removeTrack(track);
    }
    window.toPlugin('screen_off', '');
  },

  players: () => [...document.querySelectorAll('audio')].map(({ dataset }) => dataset.source ?? ''),
};
