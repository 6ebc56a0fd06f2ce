/** State that `flashAndBeep` leaves in a page. */
export interface FlashingPage {
  /** Measures how much later each beep is heard than its flash is seen, in milliseconds, of so many flashes. */
  measureLagsMs(video: HTMLVideoElement, sound: MediaStream, flashes: number): Promise<number[]>;
  /** Plays the page's own screen, as it arrives over a connection within the page. */
  playDirectly(): Promise<HTMLVideoElement>;
}

/** Gives a page a screen that flashes and beeps at once, and a meter of the difference. Runs before the page's own scripts. */
export function flashAndBeep(): void {
  const size = { width: 320, height: 180 };
  const framesPerSecond = 30;
  const periodMs = 1_000;
  const flashMs = 200;
  const loud = 0.1;

  function film(): MediaStream {
    const audio = new AudioContext();
    const gain = new GainNode(audio, { gain: 0 });
    const sound = audio.createMediaStreamDestination();
    const tone = new OscillatorNode(audio, { frequency: 1_000 });
    tone.connect(gain).connect(sound);
    tone.start();
    const canvas = Object.assign(document.createElement('canvas'), size);
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    setInterval(() => {
      const isOn = performance.now() % periodMs < flashMs;
      gain.gain.value = isOn ? 1 : 0;
      context.fillStyle = isOn ? '#fff' : '#000';
      context.fillRect(0, 0, size.width, size.height);
    }, 1_000 / framesPerSecond);
    const stream = canvas.captureStream(framesPerSecond);
    for (const track of sound.stream.getAudioTracks()) stream.addTrack(track);
    return stream;
  }

  /** Calls `onRise` with the time at which sound becomes loud, after a pause. */
  async function watchSound(sound: MediaStream, onRise: (atMs: number) => void): Promise<() => void> {
    const audio = new AudioContext();
    const worklet = `registerProcessor('rises', class extends AudioWorkletProcessor {
      #loudAt = -1;
      process([[samples]]) {
        if (samples === undefined || !samples.some((sample) => Math.abs(sample) > ${loud})) return true;
        if (currentTime - this.#loudAt > ${flashMs / 1000}) this.port.postMessage(currentTime);
        this.#loudAt = currentTime;
        return true;
      }
    })`;
    await audio.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })));
    const meter = new AudioWorkletNode(audio, 'rises');
    meter.port.onmessage = ({ data: atS }) => {
      const { contextTime = 0, performanceTime = 0 } = audio.getOutputTimestamp();
      onRise(performanceTime + (atS - contextTime) * 1_000);
    };
    new MediaStreamAudioSourceNode(audio, { mediaStream: sound }).connect(meter);
    return () => void audio.close();
  }

  /** Calls `onRise` with the time at which a video becomes bright. */
  function watchVideo(video: HTMLVideoElement, onRise: (atMs: number) => void): () => void {
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d', { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
    let wasBright = true;
    let request = 0;
    const look: VideoFrameRequestCallback = (_nowMs, { expectedDisplayTime }) => {
      context.drawImage(video, 0, 0, 1, 1);
      const isBright = (context.getImageData(0, 0, 1, 1).data[0] ?? 0) > 127;
      if (isBright && !wasBright) onRise(expectedDisplayTime);
      wasBright = isBright;
      request = video.requestVideoFrameCallback(look);
    };
    request = video.requestVideoFrameCallback(look);
    return () => video.cancelVideoFrameCallback(request);
  }

  const measureLagsMs: FlashingPage['measureLagsMs'] = async (video, sound, flashes) => {
    const seenMs: number[] = [];
    const heardMs: number[] = [];
    let stop: readonly (() => void)[] = [];
    await new Promise<void>((resolve, reject) => {
      const note = (times: number[]) => (atMs: number) => {
        times.push(atMs);
        if (Math.min(seenMs.length, heardMs.length) > flashes) resolve();
      };
      watchSound(sound, note(heardMs)).then((end) => {
        stop = [end, watchVideo(video, note(seenMs))];
      }, reject);
    });
    for (const end of stop) end();
    const nearest = (toMs: number) =>
      seenMs.reduce((best, atMs) => (Math.abs(atMs - toMs) < Math.abs(best - toMs) ? atMs : best));
    return heardMs.map((atMs) => atMs - nearest(atMs)).filter((lagMs) => Math.abs(lagMs) < periodMs / 2);
  };

  const playDirectly: FlashingPage['playDirectly'] = async () => {
    const [from, to] = [new RTCPeerConnection(), new RTCPeerConnection()];
    from.onicecandidate = ({ candidate }) => void to.addIceCandidate(candidate ?? undefined);
    to.onicecandidate = ({ candidate }) => void from.addIceCandidate(candidate ?? undefined);
    const video = Object.assign(document.createElement('video'), { autoplay: true });
    to.ontrack = ({ streams: [received] }) => {
      video.srcObject = received ?? null;
    };
    const stream = film();
    for (const track of stream.getTracks()) from.addTrack(track, stream);
    await from.setLocalDescription();
    await to.setRemoteDescription(from.localDescription!);
    await to.setLocalDescription();
    await from.setRemoteDescription(to.localDescription!);
    document.body.append(video);
    return video;
  };

  navigator.mediaDevices.getDisplayMedia = async () => film();
  Object.assign(window, { measureLagsMs, playDirectly });
}
