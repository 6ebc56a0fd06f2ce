import { deviceIdOf, listMicrophones } from './microphone.ts';

/** The list of microphones in the call's controls. It follows devices that are plugged in and out. */
export class MicrophoneChoice {
  readonly #select: HTMLSelectElement;
  readonly #refresh = () => void this.#show();
  #current: MediaStream | undefined;

  /** `onChoose` gets the device that the user chose. */
  constructor(select: HTMLSelectElement, onChoose: (deviceId: string) => void) {
    this.#select = select;
    select.onchange = () => onChoose(select.value);
  }

  /** Shows the devices from now on, with the one of `microphone` selected. */
  async open(microphone: MediaStream): Promise<void> {
    this.#current = microphone;
    navigator.mediaDevices.addEventListener('devicechange', this.#refresh);
    await this.#show();
  }

  close(): void {
    this.#current = undefined;
    // Insecure contexts have no media devices, and never opened one.
    navigator.mediaDevices?.removeEventListener('devicechange', this.#refresh);
  }

  async #show(): Promise<void> {
    const microphones = await listMicrophones();
    if (this.#current === undefined) return;
    const selected = deviceIdOf(this.#current);
    this.#select.replaceChildren(
      ...microphones.map(({ deviceId, label }, index) => {
        const isSelected = deviceId === selected;
        return new Option(label || `Microphone ${index + 1}`, deviceId, isSelected, isSelected);
      }),
    );
  }
}
