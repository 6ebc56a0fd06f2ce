import wrtc from '@roamhq/wrtc';
import { PitchMeter } from '../node/pitch-meter.ts';
import { everyPeriod } from '../node/real-time.ts';
import { type Emit, type Peer, servePeers } from '../node/serve-peers.ts';

const { RTCPeerConnection, nonstandard } = wrtc;
/** As in browsers, but its ID can be chosen. */
const MediaStream = wrtc.MediaStream as unknown as new (init: { readonly id: string }) => MediaStream;

const SAMPLE_RATE_HZ = 48_000;
/** 10 ms, the only length that libwebrtc takes. */
const SAMPLES = 480;
const AMPLITUDE = 0.4 * 0x7fff;
const FRAME_MS = 100;

/** Audio that a sink delivers every 10 ms. */
interface Sound {
  readonly samples: Int16Array;
  readonly sampleRate: number;
  readonly channelCount: number;
}

/** A picture that a sink delivers. */
interface Picture {
  readonly frame: { readonly width: number };
}

servePeers((_command, emit) => {
  const pc = new RTCPeerConnection({ iceServers: [] });
  pc.onconnectionstatechange = () => emit({ event: 'state', state: pc.connectionState });
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) emit({ event: 'candidate', candidate: { ...candidate.toJSON(), candidate: candidate.candidate } });
  };
  pc.ontrack = ({ track, streams, transceiver }) => {
    const mid = transceiver.mid ?? '';
    emit({ event: 'track', mid, trackId: track.id, streamId: streams[0]?.id ?? '' });
    track.onended = () => emit({ event: 'ended', mid });
    if (track.kind === 'video') {
      const sink = new nonstandard.RTCVideoSink(track);
      sink.onframe = ({ frame }: Picture) => emit({ event: 'seen', mid, width: frame.width, pictures: 1 });
      return;
    }
    const meter = new PitchMeter((hz) => emit({ event: 'heard', mid, hz }));
    const sink = new nonstandard.RTCAudioSink(track);
    sink.ondata = ({ samples, sampleRate, channelCount }: Sound) => meter.add(samples, sampleRate, channelCount);
  };
  return commands(pc, emit);
});

interface Publication {
  readonly sender: RTCRtpSender;
  readonly track: MediaStreamTrack;
  stop(): void;
}

function commands(pc: RTCPeerConnection, emit: Emit): Peer {
  const publications = new Map<string, Publication>();
  const channel = pc.createDataChannel('calls-dc');
  channel.binaryType = 'arraybuffer';
  channel.onopen = () => emit({ event: 'channel', state: 'open' });
  channel.onclose = () => emit({ event: 'channel', state: 'closed' });
  channel.onmessage = ({ data }) => emit({ event: 'dc', data: Buffer.from(data).toString('base64') });

  const describe = async (description: RTCSessionDescriptionInit) => {
    await pc.setLocalDescription(description);
    const { type, sdp } = pc.localDescription ?? {};
    if (type === 'offer' || type === 'answer') emit({ event: 'signal', type, sdp: sdp ?? '' });
  };
  const published = (name: string) => {
    const publication = publications.get(name);
    if (publication === undefined) throw new Error(`no track ${name}`);
    return publication;
  };
  const publish = async (name: string, streamId: string, track: MediaStreamTrack, stop: () => void) => {
    const stream = new MediaStream({ id: streamId });
    stream.addTrack(track);
    publications.set(name, { sender: pc.addTrack(track, stream), track, stop });
    await describe(await pc.createOffer());
  };
  return {
    start: async () => describe(await pc.createOffer()),
    signal: async ({ type, sdp }) => {
      await pc.setRemoteDescription({ type, sdp });
      if (type === 'offer') await describe(await pc.createAnswer());
    },
    candidate: ({ candidate }) => pc.addIceCandidate(candidate as RTCIceCandidateInit),
    dc: ({ data }) => channel.send(Buffer.from(data, 'base64')),
    publish: ({ track, streamId, hz }) => {
      const source = new nonstandard.RTCAudioSource();
      return publish(track, streamId, source.createTrack(), playTone(source, hz));
    },
    publishVideo: ({ track, streamId, width, height }) => {
      const source = new nonstandard.RTCVideoSource();
      return publish(track, streamId, source.createTrack(), paintPictures(source, width, height));
    },
    unpublish: async ({ track: name }) => {
      const { sender, track, stop } = published(name);
      publications.delete(name);
      pc.removeTrack(sender);
      stop();
      track.stop();
      await describe(await pc.createOffer());
    },
    mute: ({ track: name }) => published(name).sender.replaceTrack(null),
    unmute: ({ track: name }) => {
      const { sender, track } = published(name);
      return sender.replaceTrack(track);
    },
    restartIce: async () => describe(await pc.createOffer({ iceRestart: true })),
    close: () => {
      for (const { stop } of publications.values()) stop();
      pc.close();
    },
  };
}

/** Feeds a sine in real time. Returns what stops it. */
function playTone(source: InstanceType<typeof nonstandard.RTCAudioSource>, hz: number): () => void {
  let time = 0;
  return everyPeriod(10, () => {
    const samples = Int16Array.from({ length: SAMPLES }, (_, i) => {
      return AMPLITUDE * Math.sin((2 * Math.PI * hz * (time + i)) / SAMPLE_RATE_HZ);
    });
    time += SAMPLES;
    source.onData({ samples, sampleRate: SAMPLE_RATE_HZ, bitsPerSample: 16, channelCount: 1, numberOfFrames: SAMPLES });
  });
}

/** Feeds pictures that get brighter in real time. Returns what stops it. */
function paintPictures(
  source: InstanceType<typeof nonstandard.RTCVideoSource>,
  width: number,
  height: number,
): () => void {
  // I420: a plane of luma, then two of chroma with a quarter of its size.
  const data = new Uint8Array((width * height * 3) / 2).fill(128);
  let luma = 0;
  return everyPeriod(FRAME_MS, () => {
    luma = (luma + 8) % 256;
    data.fill(luma, 0, width * height);
    source.onFrame({ width, height, data });
  });
}
