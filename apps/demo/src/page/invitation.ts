import { byID, within } from './dom.ts';

const copiedForMs = 2000;

/** The link to this room: shown large to a user who is alone, and copied by a button at any time. */
export class Invitation {
  readonly #card = byID('invitation', HTMLElement);
  readonly #link = byID('invitation-link', HTMLInputElement);
  #timer = 0;

  constructor() {
    const copyButton = byID('copy-link', HTMLButtonElement);
    const label = within(copyButton, 'span');
    const wording = label.textContent;
    // Only secure contexts have a clipboard; elsewhere the link is selected for copying by hand.
    copyButton.hidden = !window.isSecureContext;
    this.#link.onfocus = () => this.#link.select();
    copyButton.onclick = async () => {
      await navigator.clipboard.writeText(location.href);
      label.textContent = 'Copied';
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => {
        label.textContent = wording;
      }, copiedForMs);
    };
  }

  show(isAlone: boolean): void {
    this.#link.value = location.href;
    this.#card.hidden = !isAlone;
  }
}
