import { RTCPeer } from '@mattermost/calls-common';
import type { BrowserMessage, ServerMessage } from '@rtcd/demo';

/** Functions of the page that a test calls. */
export interface CallsPage {
  /** Resolves with the session id once the peer is connected. */
  join(room: string, name: string): Promise<string>;
  unmute(): Promise<void>;
  mute(): void;
  /** Seconds, measured by the peer on its data channel. */
  roundTrip(): number;
}

const silent = () => undefined;
const logger = { logDebug: silent, logInfo: silent, logWarn: silent, logErr: console.error };

let socket: WebSocket;
let peer: RTCPeer;
let voice: MediaStreamTrack | undefined;

function send(message: BrowserMessage): void {
  socket.send(JSON.stringify(message));
}

function play(stream: MediaStream): void {
  const player = new Audio();
  player.autoplay = true;
  player.srcObject = stream;
  document.body.append(player);
}

/** Makes the peer as the web client of Calls does: no track before the first unmute. */
function createPeer(connected: () => void, failed: (error: unknown) => void): RTCPeer {
  const created = new RTCPeer({ iceServers: [], logger });
  const describe = ({ type, sdp }: RTCSessionDescription) => {
    if (type === 'offer' || type === 'answer') send({ type: 'description', description: { type, sdp } });
  };
  created.on('offer', describe);
  created.on('answer', describe);
  created.on('candidate', (candidate: RTCIceCandidate) =>
    send({ type: 'candidate', candidate: candidate.toJSON() as { candidate: string } }),
  );
  created.on('stream', play);
  created.on('connect', connected);
  created.on('error', failed);
  created.on('close', failed);
  return created;
}

const calls: CallsPage = {
  join: (room, name) =>
    new Promise((resolve, reject) => {
      socket = new WebSocket(new URL('/ws', location.href.replace(/^http/, 'ws')));
      socket.onerror = () => reject(new Error('the WebSocket failed'));
      socket.onopen = () => send({ type: 'join', room, name, microphone: true });
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as ServerMessage;
        if (message.type === 'joined') peer = createPeer(() => resolve(message.sessionID), reject);
        else if (message.type === 'signal')
          peer.signal(message.data).catch((error: unknown) => console.error('signal failed', error));
        else if (message.type === 'error') reject(new Error(message.message));
      };
    }),

  unmute: async () => {
    if (voice === undefined) {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      [voice] = stream.getAudioTracks() as [MediaStreamTrack];
      await peer.addTrack(voice, stream);
    } else {
      peer.replaceTrack(voice.id, voice);
    }
    send({ type: 'unmute' });
  },

  mute: () => {
    if (voice !== undefined) peer.replaceTrack(voice.id, null);
    send({ type: 'mute' });
  },

  roundTrip: () => peer.getRTT(),
};

Object.assign(window, { calls });
