import type {} from './calls-client/page.ts';
import type { PaintedPage } from './painted-video.ts';

/** A beep as a page hears it. */
export interface HeardBeep {
  /** By how much it is later than the picture of its moment. */
  readonly lagMs: number;
  /** The same as the browser has it, by the sender reports on sound and picture. Undefined until there are some on both. */
  readonly reportedLagMs: number | undefined;
}

/** A picture and a sound that arrive over one connection. */
export interface ReceivedScreen {
  readonly peer: RTCPeerConnection;
  readonly picture: HTMLVideoElement;
  readonly sound: MediaStreamTrack;
}

/** State that `beepingScreen` leaves in a page. */
export interface BeepingPage {
  /** Connection to another page. */
  readonly direct: RTCPeerConnection;
  /** Offers the screen that the page shares over the direct connection, with the parameters with which it is sent to rtcd. */
  offerDirectly(): Promise<RTCSessionDescriptionInit>;
  /** Answers such an offer, and plays what arrives. */
  answerDirectly(offer: RTCSessionDescriptionInit): Promise<RTCSessionDescriptionInit>;
  /** The screen that arrives over the direct connection. */
  directScreen(): ReceivedScreen;
  /** Compares sound and picture at each of so many beeps. */
  hearBeeps(screen: ReceivedScreen, beeps: number): Promise<readonly HeardBeep[]>;
}

declare global {
  interface Window {
    beepingPage: BeepingPage;
  }
}

/** Part of `MediaStreamTrackProcessor` of Chromium, which standards have in workers only. */
interface AudioProcessor {
  readonly readable: ReadableStream<AudioData>;
}

/**
 * Gives a page a screen that beeps, and whose pictures contain the time since the beep, and a meter of the difference. Thus each picture tells how late it is,
 * however few are sent: at the 10 per second of a shared screen, a flash that goes with the beep is seen up to 100 ms late. Needs what `paintVideo` leaves in the page.
 */
export function beepingScreen(): void {
  const size = { width: 320, height: 180 };
  const framesPerSecond = 30;
  const periodMs = 1_000;
  const beepMs = 200;
  const loud = 0.1;
  const { paintCounter, readCounter } = window as unknown as PaintedPage;
  const { MediaStreamTrackProcessor } = window as unknown as {
    MediaStreamTrackProcessor: new (init: { track: MediaStreamTrack }) => AudioProcessor;
  };

  const direct = new RTCPeerConnection();
  direct.ontrack = ({ streams: [received], track }) => {
    if (track.kind !== 'video') return;
    document.body.append(
      Object.assign(document.createElement('video'), { id: 'direct', autoplay: true, srcObject: received }),
    );
  };
  let shared: MediaStream;

  /** A beep at the beginning of each period. */
  function beeps(audio: AudioContext): AudioBuffer {
    const { sampleRate } = audio;
    const buffer = audio.createBuffer(1, (sampleRate * periodMs) / 1_000, sampleRate);
    const tone = Float32Array.from({ length: (sampleRate * beepMs) / 1_000 }, (_, sample) =>
      Math.sin((sample * 1_000 * 2 * Math.PI) / sampleRate),
    );
    buffer.copyToChannel(tone, 0);
    return buffer;
  }

  function share(): MediaStream {
    const audio = new AudioContext();
    const source = new AudioBufferSourceNode(audio, { buffer: beeps(audio), loop: true });
    const sound = audio.createMediaStreamDestination();
    source.connect(sound);
    const startS = audio.currentTime + 0.1;
    source.start(startS);
    const canvas = Object.assign(document.createElement('canvas'), size);
    setInterval(() => {
      const playedMs = Math.max(0, Math.round((audio.currentTime - startS) * 1_000));
      paintCounter(canvas, playedMs % periodMs);
    }, 1_000 / framesPerSecond);
    const stream = canvas.captureStream(framesPerSecond);
    for (const track of sound.stream.getAudioTracks()) stream.addTrack(track);
    return stream;
  }

  /** Calls `onBeep` with the time at which sound becomes loud, after a pause. The Web Audio API would add a delay that differs from run to run. */
  function watchSound(track: MediaStreamTrack, onBeep: (atMs: number) => void): () => void {
    const reader = new MediaStreamTrackProcessor({ track: track.clone() }).readable.getReader();
    let loudMs = Number.NEGATIVE_INFINITY;
    const listen = async (): Promise<void> => {
      for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) {
        const samples = new Float32Array(value.numberOfFrames);
        value.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
        const loudAt = samples.findIndex((sample) => Math.abs(sample) > loud);
        if (loudAt >= 0) {
          const atMs = performance.now() + (loudAt * 1_000) / value.sampleRate;
          if (atMs - loudMs > beepMs) onBeep(atMs);
          loudMs = atMs;
        }
        value.close();
      }
    };
    void listen();
    return () => void reader.cancel();
  }

  /** Calls `onPicture` with the time at which the last beep was due, had it come with the picture that is shown. */
  function watchPicture(picture: HTMLVideoElement, onPicture: (beepDueMs: number) => void): () => void {
    let request = 0;
    const look: VideoFrameRequestCallback = (_nowMs, { expectedDisplayTime }) => {
      const sinceBeepMs = readCounter(picture);
      if (sinceBeepMs !== undefined) onPicture(expectedDisplayTime - sinceBeepMs);
      request = picture.requestVideoFrameCallback(look);
    };
    request = picture.requestVideoFrameCallback(look);
    return () => picture.cancelVideoFrameCallback(request);
  }

  /** By the sender's time of what plays now, which the browser knows once it has two sender reports on a stream. */
  async function reportedLagMs(peer: RTCPeerConnection): Promise<number | undefined> {
    const playing: Record<string, number | undefined> = {};
    for (const stats of (await peer.getStats()).values()) {
      if (stats.type === 'inbound-rtp') playing[stats.kind] = stats.estimatedPlayoutTimestamp;
    }
    const { audio, video } = playing;
    return audio === undefined || video === undefined ? undefined : video - audio;
  }

  const hearBeeps: BeepingPage['hearBeeps'] = async ({ peer, picture, sound }, beeps) => {
    const heard: HeardBeep[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    let dueMs: number | undefined;
    const stopPicture = watchPicture(picture, (beepDueMs) => {
      dueMs = beepDueMs;
    });
    const stopSound = watchSound(sound, async (atMs) => {
      if (dueMs === undefined) return;
      const lateMs = atMs - dueMs;
      const lagMs = lateMs - Math.round(lateMs / periodMs) * periodMs;
      heard.push({ lagMs, reportedLagMs: await reportedLagMs(peer) });
      if (heard.length >= beeps) resolve();
    });
    await promise;
    stopSound();
    stopPicture();
    return heard;
  };

  /** Resolves with the local description once it has all candidates. */
  async function describe(): Promise<RTCSessionDescriptionInit> {
    const gathered = new Promise<void>((resolve) => {
      direct.onicegatheringstatechange = () => direct.iceGatheringState === 'complete' && resolve();
    });
    await direct.setLocalDescription();
    await gathered;
    return direct.localDescription!.toJSON();
  }

  const offerDirectly: BeepingPage['offerDirectly'] = () => {
    for (const sender of window.client.peer.pc.getSenders()) {
      const { track } = sender;
      if (track === null || !shared.getTracks().includes(track)) continue;
      const sendEncodings = sender.getParameters().encodings.map(({ maxBitrate, maxFramerate }) => ({
        ...(maxBitrate !== undefined && { maxBitrate }),
        ...(maxFramerate !== undefined && { maxFramerate }),
      }));
      direct.addTransceiver(track, { streams: [shared], sendEncodings });
    }
    return describe();
  };

  const answerDirectly: BeepingPage['answerDirectly'] = async (offer) => {
    await direct.setRemoteDescription(offer);
    return describe();
  };

  const directScreen = (): ReceivedScreen => {
    const picture = document.querySelector('#direct') as HTMLVideoElement;
    const [sound] = (picture.srcObject as MediaStream).getAudioTracks() as [MediaStreamTrack];
    return { peer: direct, picture, sound };
  };

  navigator.mediaDevices.getDisplayMedia = async () => {
    shared = share();
    return shared;
  };
  window.beepingPage = { direct, offerDirectly, answerDirectly, directScreen, hearBeeps };
}
