import { DeviceChoice } from './device-choice.ts';
import { byID, setIcon, within } from './dom.ts';
import { captureScreen, openCamera } from './video-capture.ts';
import type { VideoSender } from './video-sender.ts';

export interface VideoControlsOwner {
  /** The sender of the running call. */
  sender(): VideoSender | undefined;
  /** The own camera begins, changes, or ends. */
  onCamera(track: MediaStreamTrack | undefined): void;
  onScreen(track: MediaStreamTrack | undefined): void;
  onError(error: unknown): void;
}

/** The buttons for the own camera and screen. Their labels name their actions, and they accept one press at a time. */
export class VideoControls {
  readonly #owner: VideoControlsOwner;
  readonly #cameraButton = byID('camera', HTMLButtonElement);
  readonly #screenButton = byID('screen', HTMLButtonElement);
  readonly #cameraField = byID('camera-field', HTMLElement);
  readonly #choice: DeviceChoice;
  #isCameraOn = false;
  #isScreenOn = false;

  constructor(owner: VideoControlsOwner) {
    this.#owner = owner;
    this.#choice = new DeviceChoice(byID('camera-device', HTMLSelectElement), 'videoinput', (deviceId) =>
      this.#run(this.#cameraButton, (sender) => this.#startCamera(sender, deviceId)),
    );
    this.#cameraButton.onclick = () =>
      this.#run(this.#cameraButton, (sender) =>
        this.#isCameraOn ? this.#stopCamera(sender) : this.#startCamera(sender),
      );
    this.#screenButton.onclick = () =>
      this.#run(this.#screenButton, (sender) =>
        this.#isScreenOn ? this.#stopScreen(sender) : this.#startScreen(sender),
      );
    // Browsers on phones have no screens to share.
    this.#screenButton.hidden = typeof navigator.mediaDevices?.getDisplayMedia !== 'function';
  }

  /** Shows that nothing is sent. */
  reset(): void {
    this.#showCamera(undefined);
    this.#showScreen(undefined);
  }

  /** Stops the screen, on request of the server. */
  endScreen(): void {
    this.#run(this.#screenButton, (sender) => this.#stopScreen(sender));
  }

  #run(button: HTMLButtonElement, work: (sender: VideoSender) => Promise<void>): void {
    const sender = this.#owner.sender();
    if (sender === undefined) return;
    button.disabled = true;
    void work(sender)
      .catch((error: unknown) => this.#owner.onError(error))
      .finally(() => {
        button.disabled = false;
      });
  }

  async #startCamera(sender: VideoSender, deviceId?: string): Promise<void> {
    const camera = await openCamera(deviceId);
    this.#showCamera(camera);
    await sender.startCamera(camera);
  }

  async #stopCamera(sender: VideoSender): Promise<void> {
    this.#showCamera(undefined);
    await sender.stopCamera();
  }

  async #startScreen(sender: VideoSender): Promise<void> {
    const screen = await captureScreen();
    if (screen === undefined) return;
    const [track] = screen.getVideoTracks();
    // The browser has a button of its own to stop sharing.
    if (track) track.onended = () => this.endScreen();
    this.#showScreen(screen);
    await sender.startScreen(screen);
  }

  async #stopScreen(sender: VideoSender): Promise<void> {
    this.#showScreen(undefined);
    await sender.stopScreen();
  }

  #showCamera(camera: MediaStream | undefined): void {
    this.#isCameraOn = camera !== undefined;
    label(this.#cameraButton, this.#isCameraOn ? ['camera-off', 'Stop camera'] : ['camera', 'Start camera']);
    this.#cameraField.hidden = !this.#isCameraOn;
    if (camera) void this.#choice.open(camera);
    else this.#choice.close();
    this.#owner.onCamera(camera?.getVideoTracks()[0]);
  }

  #showScreen(screen: MediaStream | undefined): void {
    this.#isScreenOn = screen !== undefined;
    label(this.#screenButton, this.#isScreenOn ? ['screen-off', 'Stop sharing'] : ['screen', 'Share screen']);
    this.#owner.onScreen(screen?.getVideoTracks()[0]);
  }
}

function label(button: HTMLButtonElement, [symbol, text]: readonly [symbol: string, text: string]): void {
  setIcon(button, symbol);
  within(button, 'span').textContent = text;
}
