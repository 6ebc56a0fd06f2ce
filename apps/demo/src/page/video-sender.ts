import type { BrowserMessage } from '../messages.ts';

/** Choices that administrators of Calls have for video. */
export interface VideoOptions {
  /** Screens are sent in two qualities, of which rtcd chooses for each receiver. */
  readonly simulcast: boolean;
  /** Video is sent in AV1 beside VP8. */
  readonly av1: boolean;
}

export interface VideoSenderOwner {
  send(message: BrowserMessage): void;
  /** Runs a change of what is sent once it is this side's turn to offer. */
  change(work: () => void): Promise<void>;
}

const screenEncoding = { maxBitrate: 1_000_000, maxFramerate: 10, scaleResolutionDownBy: 1 };
const cameraEncoding = { maxBitrate: 1_000_000, maxFramerate: 30, scaleResolutionDownBy: 1 };
const simulcastEncodings = [
  { rid: 'l', maxBitrate: 500_000, maxFramerate: 5, scaleResolutionDownBy: 1 },
  { rid: 'h', maxBitrate: 2_500_000, maxFramerate: 20, scaleResolutionDownBy: 1 },
];

/** Firefox has no simulcast for screens (bug 1692873). */
const isFirefox = navigator.userAgent.includes('Firefox');

const av1Codec = () =>
  RTCRtpReceiver.getCapabilities('video')?.codecs.find(({ mimeType }) => mimeType.toLowerCase() === 'video/av1');

/** Reports whether AV1 is used, as it must be announced on joining: it excludes simulcast, and the browser must know it. */
export const usesAv1 = ({ simulcast, av1 }: VideoOptions): boolean => av1 && !simulcast && av1Codec() !== undefined;

/** Sends a screen and a camera in the order and with the encodings of Mattermost's web client. */
export class VideoSender {
  readonly #peer: RTCPeerConnection;
  readonly #options: VideoOptions;
  readonly #owner: VideoSenderOwner;
  #screen: MediaStream | undefined;
  #camera: MediaStream | undefined;
  #cameraSenders: readonly RTCRtpSender[] = [];

  constructor(peer: RTCPeerConnection, options: VideoOptions, owner: VideoSenderOwner) {
    this.#peer = peer;
    this.#options = options;
    this.#owner = owner;
  }

  /** Announces the screen, then sends its picture, and its sound if it has any. */
  async startScreen(screen: MediaStream): Promise<void> {
    this.#screen = screen;
    this.#owner.send({ type: 'screen_on', streamId: screen.id });
    const [picture] = screen.getVideoTracks();
    const [sound] = screen.getAudioTracks();
    const encodings = this.#options.simulcast && !isFirefox ? simulcastEncodings : [screenEncoding];
    if (picture) await this.#addVideo(picture, screen, encodings);
    if (sound) await this.#owner.change(() => this.#peer.addTrack(sound, screen));
    if (picture) await this.#addAv1(picture, screen, screenEncoding);
  }

  async stopScreen(): Promise<void> {
    const screen = this.#screen;
    if (screen === undefined) return;
    this.#screen = undefined;
    for (const track of screen.getTracks()) track.stop();
    try {
      for (const track of [...screen.getVideoTracks(), ...screen.getAudioTracks()]) await this.#remove(track);
    } finally {
      this.#owner.send({ type: 'screen_off' });
    }
  }

  /** Sends the camera, then announces it. A camera that was on before is sent where that one was, under a stream id that no description has. */
  async startCamera(camera: MediaStream): Promise<void> {
    const [track] = camera.getVideoTracks();
    if (track === undefined) return;
    this.#stopCameraTracks();
    this.#camera = camera;
    if (this.#cameraSenders.length > 0) {
      for (const sender of this.#cameraSenders) await sender.replaceTrack(track);
    } else {
      await this.#addVideo(track, camera, [cameraEncoding]);
      await this.#addAv1(track, camera, cameraEncoding);
      this.#cameraSenders = this.#peer.getSenders().filter((sender) => sender.track === track);
    }
    this.#owner.send({ type: 'video_on', streamId: camera.id });
  }

  /** The section stays, and carries nothing. */
  async stopCamera(): Promise<void> {
    for (const sender of this.#cameraSenders) await sender.replaceTrack(null);
    this.#stopCameraTracks();
    this.#owner.send({ type: 'video_off' });
  }

  /** Turns all recording lights off. */
  close(): void {
    this.#stopCameraTracks();
    for (const track of this.#screen?.getTracks() ?? []) track.stop();
  }

  #stopCameraTracks(): void {
    for (const track of this.#camera?.getTracks() ?? []) track.stop();
    this.#camera = undefined;
  }

  #addVideo(track: MediaStreamTrack, stream: MediaStream, sendEncodings: RTCRtpEncodingParameters[]): Promise<void> {
    return this.#owner.change(() => {
      this.#peer.addTransceiver(track, { direction: 'sendrecv', streams: [stream], sendEncodings });
    });
  }

  async #addAv1(track: MediaStreamTrack, stream: MediaStream, encoding: RTCRtpEncodingParameters): Promise<void> {
    const codec = av1Codec();
    if (!usesAv1(this.#options) || codec === undefined) return;
    await this.#owner.change(() => {
      const init: RTCRtpTransceiverInit = { direction: 'sendrecv', streams: [stream], sendEncodings: [encoding] };
      this.#peer.addTransceiver(track, init).setCodecPreferences([codec]);
    });
  }

  #remove(track: MediaStreamTrack): Promise<void> {
    return this.#owner.change(() => {
      for (const sender of this.#peer.getSenders()) if (sender.track === track) this.#peer.removeTrack(sender);
    });
  }
}
