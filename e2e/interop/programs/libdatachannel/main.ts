import { randomInt } from 'node:crypto';
import nodeDataChannel, { type PeerConnection, type Track } from 'node-datachannel';
import { everyPeriod } from '../node/real-time.ts';
import { type Emit, type Peer, servePeers } from '../node/serve-peers.ts';
import { certificateFiles } from './certificate-files.ts';
import { opusPayloadOf, writeOpusPacket } from './rtp.ts';

const { Audio, PeerConnection: NativePeerConnection } = nodeDataChannel;

interface Publication {
  readonly track: Track;
  isMuted: boolean;
  stop(): void;
}

servePeers(({ certificate }, emit) => {
  const pc = new NativePeerConnection('peer', {
    iceServers: [],
    bindAddress: '127.0.0.1',
    disableAutoNegotiation: true,
    // Else SRTP is left out of the DTLS handshake, since the first offer has no media.
    forceMediaTransport: true,
    ...certificateFiles(certificate),
  });
  pc.onStateChange((state) => emit({ event: 'state', state }));
  pc.onLocalDescription((sdp, type) => {
    if (type === 'offer' || type === 'answer') emit({ event: 'signal', type, sdp });
  });
  pc.onLocalCandidate((line, sdpMid) => {
    emit({ event: 'candidate', candidate: { candidate: line.replace(/^a=/, ''), sdpMid } });
  });
  /** Keeps the tracks, which otherwise close when they are garbage-collected. */
  const remoteTracks: Track[] = [];
  pc.onTrack((track) => {
    remoteTracks.push(track);
    // There is no way to the IDs in a=msid.
    emit({ event: 'track', mid: track.mid(), trackId: '', streamId: '' });
    listen(track, emit);
  });
  return commands(pc, emit);
});

function commands(pc: PeerConnection, emit: Emit): Peer {
  const publications = new Map<string, Publication>();
  const channel = pc.createDataChannel('calls-dc');
  channel.onOpen(() => emit({ event: 'channel', state: 'open' }));
  channel.onClosed(() => emit({ event: 'channel', state: 'closed' }));
  channel.onMessage((data) => emit({ event: 'dc', data: Buffer.from(data as Buffer).toString('base64') }));

  const published = (name: string) => {
    const publication = publications.get(name);
    if (publication === undefined) throw new Error(`no track ${name}`);
    return publication;
  };
  let mids = 0;
  return {
    start: () => pc.setLocalDescription('offer'),
    signal: ({ type, sdp }) => {
      pc.setRemoteDescription(sdp, type);
      if (type === 'offer') pc.setLocalDescription('answer');
    },
    candidate: ({ candidate: { candidate, sdpMid } }) => pc.addRemoteCandidate(candidate, sdpMid ?? '0'),
    dc: ({ data }) => void channel.sendMessageBinary(Buffer.from(data, 'base64')),
    publish: ({ track: name, streamId, frames }) => {
      const ssrc = randomInt(1, 2 ** 32);
      const audio = new Audio(`${name}-${mids++}`, 'SendRecv');
      audio.addOpusCodec(111);
      audio.addSSRC(ssrc, streamId, streamId, `${name}-${ssrc}`);
      const track = pc.addTrack(audio);
      const payloads = frames.map((frame) => Buffer.from(frame, 'base64'));
      let count = 0;
      const stop = everyPeriod(20, () => {
        const payload = payloads[count % payloads.length]!;
        const packet = writeOpusPacket(ssrc, count++, payload);
        if (!publication.isMuted && track.isOpen()) track.sendMessageBinary(packet);
      });
      const publication: Publication = { track, isMuted: false, stop };
      publications.set(name, publication);
      listen(track, emit);
      pc.setLocalDescription('offer');
    },
    unpublish: ({ track }) => {
      const publication = published(track);
      publications.delete(track);
      publication.stop();
      publication.track.close();
      pc.setLocalDescription('offer');
    },
    mute: ({ track }) => {
      published(track).isMuted = true;
    },
    unmute: ({ track }) => {
      published(track).isMuted = false;
    },
    close: () => {
      for (const { stop } of publications.values()) stop();
      pc.close();
    },
  };
}

/** Reports what arrives on a track, and its end. */
function listen(track: Track, emit: Emit): void {
  const mid = track.mid();
  track.onMessage((packet) => {
    const payload = opusPayloadOf(packet);
    if (payload) emit({ event: 'heard', mid, payload: payload.toString('base64') });
  });
  track.onClosed(() => emit({ event: 'ended', mid }));
}
