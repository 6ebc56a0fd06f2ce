/** A list of microphones or cameras in the call's controls. It follows devices that are plugged in and out. */
export class DeviceChoice {
  readonly #select: HTMLSelectElement;
  readonly #kind: MediaDeviceKind;
  readonly #refresh = () => void this.#show();
  #current: MediaStream | undefined;

  /** `onChoose` gets the device that the user chose. */
  constructor(select: HTMLSelectElement, kind: MediaDeviceKind, onChoose: (deviceId: string) => void) {
    this.#select = select;
    this.#kind = kind;
    select.onchange = () => onChoose(select.value);
  }

  /** Shows the devices from now on, with the one of `stream` selected. */
  async open(stream: MediaStream): Promise<void> {
    this.#current = stream;
    navigator.mediaDevices.addEventListener('devicechange', this.#refresh);
    await this.#show();
  }

  close(): void {
    this.#current = undefined;
    // Insecure contexts have no media devices, and never opened one.
    navigator.mediaDevices?.removeEventListener('devicechange', this.#refresh);
  }

  /** Browsers name devices only after the first permission. */
  async #show(): Promise<void> {
    const devices = await navigator.mediaDevices.enumerateDevices();
    if (this.#current === undefined) return;
    const selected = this.#current.getTracks()[0]?.getSettings().deviceId;
    const name = this.#kind === 'audioinput' ? 'Microphone' : 'Camera';
    this.#select.replaceChildren(
      ...devices
        .filter(({ kind }) => kind === this.#kind)
        .map(({ deviceId, label }, index) => {
          const isSelected = deviceId === selected;
          return new Option(label || `${name} ${index + 1}`, deviceId, isSelected, isSelected);
        }),
    );
  }
}
