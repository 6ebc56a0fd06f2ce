/** The kind of a painted picture: the two highest bits of its number. */
export const paintedKinds = { camera: 0x4000, screen: 0x8000 } as const;
export type PaintedKind = keyof typeof paintedKinds;

/** State that `paintVideo` leaves in a page. */
export interface PaintedPage {
  /** Fills a canvas with a number of 16 bits. */
  paintCounter(canvas: HTMLCanvasElement, value: number): void;
  /** Reads the counter in a video's present frame; undefined if the frame is none of ours, or broken. */
  readCounter(video: HTMLVideoElement): number | undefined;
}

/** Differences between painted pictures. */
export interface Painting {
  /** Size of the pictures, instead of that of a usual camera or screen. */
  readonly size?: readonly [width: number, height: number];
  readonly framesPerSecond?: number;
  /** Noise over the blocks: encoders use all of the bitrate that they may. */
  readonly isNoisy?: boolean;
}

/**
 * Gives a page a camera and a screen whose pictures contain the number of the frame, in blocks of black and white, and a reader of such pictures. Runs before
 * the page's own scripts, and in any browser.
 */
export function paintVideo(painting: Painting = {}): void {
  const columns = 8;
  const rows = 4;
  const half = (columns * rows) / 2;
  const usual = {
    camera: { size: [640, 360], framesPerSecond: 15 },
    screen: { size: [1280, 720], framesPerSecond: 10 },
  } as const;
  const kinds = { camera: 0x4000, screen: 0x8000 };
  /** Leaves black darker than white. */
  const noiseShare = 0.3;

  /** 16 bits, then their complement: what is broken in between does not pass for a number. */
  const bitsOf = (value: number) => (value | ((~value & 0xffff) << half)) >>> 0;

  /** Twice as wide and as high as the pictures, so that each takes another part of it. */
  function paintNoise(width: number, height: number): HTMLCanvasElement {
    const canvas = Object.assign(document.createElement('canvas'), { width: 2 * width, height: 2 * height });
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const image = context.createImageData(canvas.width, canvas.height);
    for (let at = 0; at < image.data.length; at += 4)
      image.data.fill(Math.random() * 256, at, at + 3).fill(255, at + 3, at + 4);
    context.putImageData(image, 0, 0);
    return canvas;
  }

  const paintCounter = (canvas: HTMLCanvasElement, value: number): void => {
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    const [blockWidth, blockHeight] = [canvas.width / columns, canvas.height / rows];
    const bits = bitsOf(value);
    for (let bit = 0; bit < columns * rows; bit++) {
      context.fillStyle = (bits >>> bit) & 1 ? '#fff' : '#000';
      context.fillRect((bit % columns) * blockWidth, Math.floor(bit / columns) * blockHeight, blockWidth, blockHeight);
    }
  };

  function paint(kind: 'camera' | 'screen'): MediaStream {
    const { size, framesPerSecond } = { ...usual[kind], ...painting };
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = size;
    const noise = painting.isNoisy ? paintNoise(...size) : undefined;
    const context = canvas.getContext('2d') as CanvasRenderingContext2D;
    let frame = 0;
    const draw = () => {
      frame = (frame + 1) & 0x3fff;
      paintCounter(canvas, kinds[kind] | frame);
      if (noise) {
        context.globalAlpha = noiseShare;
        context.drawImage(noise, -Math.random() * canvas.width, -Math.random() * canvas.height);
        context.globalAlpha = 1;
      }
    };
    draw();
    const timer = setInterval(draw, 1000 / framesPerSecond);
    const stream = canvas.captureStream(framesPerSecond);
    const [track] = stream.getVideoTracks() as [MediaStreamTrack];
    const stop = track.stop.bind(track);
    track.stop = () => {
      clearInterval(timer);
      stop();
    };
    return stream;
  }

  function tone(): MediaStreamTrack {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: 440 });
    const destination = context.createMediaStreamDestination();
    oscillator.connect(destination);
    oscillator.start();
    return destination.stream.getAudioTracks()[0] as MediaStreamTrack;
  }

  const { mediaDevices } = navigator;
  if (mediaDevices !== undefined) {
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) =>
      constraints?.video ? paint('camera') : getUserMedia(constraints);
    mediaDevices.getDisplayMedia = async (options) => {
      const stream = paint('screen');
      if (options?.audio) stream.addTrack(tone());
      return stream;
    };
  }

  const reading = document.createElement('canvas');
  [reading.width, reading.height] = [columns * 4, rows * 4];
  const context = reading.getContext('2d', { willReadFrequently: true }) as CanvasRenderingContext2D;
  const readCounter = (video: HTMLVideoElement): number | undefined => {
    if (video.videoWidth === 0) return undefined;
    context.drawImage(video, 0, 0, reading.width, reading.height);
    const { data } = context.getImageData(0, 0, reading.width, reading.height);
    let bits = 0;
    for (let bit = 0; bit < columns * rows; bit++) {
      const [x, y] = [(bit % columns) * 4 + 2, Math.floor(bit / columns) * 4 + 2];
      if ((data[(y * reading.width + x) * 4] ?? 0) > 127) bits |= 1 << bit;
    }
    const value = bits & 0xffff;
    return bits >>> 0 === bitsOf(value) ? value : undefined;
  };
  Object.assign(window, { paintCounter, readCounter });
}
