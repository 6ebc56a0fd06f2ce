import { byID } from './dom.ts';
import { type RememberedJoin, rememberedName } from './memory.ts';

const section = byID('lobby', HTMLElement);
const form = byID('join-form', HTMLFormElement);
const nameInput = byID('name', HTMLInputElement);
const roomInput = byID('room', HTMLInputElement);
const simulcastBox = byID('simulcast', HTMLInputElement);
const av1Box = byID('av1', HTMLInputElement);
const listenButton = byID('listen-button', HTMLButtonElement);
const buttons = form.querySelectorAll('button');

/** The form in front of every call. */
export const lobby = {
  open(onJoin: (join: RememberedJoin) => void): void {
    const submit = (withMicrophone: boolean) => {
      const [name, room] = [nameInput, roomInput].map(trimmed) as [string, string];
      const video = { simulcast: simulcastBox.checked, av1: av1Box.checked };
      if (form.reportValidity()) onJoin({ name, room, withMicrophone, video });
    };
    form.onsubmit = (event) => {
      event.preventDefault();
      submit(true);
    };
    listenButton.onclick = () => submit(false);
    nameInput.value = rememberedName();
    roomInput.value = new URLSearchParams(location.search).get('room') ?? 'lounge';
    lobby.focus();
  },

  show(): void {
    section.hidden = false;
    lobby.setBusy(false);
    lobby.focus();
  },

  hide(): void {
    section.hidden = true;
  },

  /** While a join is under way there is nothing to press. */
  setBusy(busy: boolean): void {
    for (const button of buttons) button.disabled = busy;
  },

  /** The next thing to do: the name, or the button if there is one already. */
  focus(): void {
    (nameInput.value === '' ? nameInput : byID('join-button', HTMLButtonElement)).focus();
  },
};

/** Takes the blanks around a value away, so that a blank one is a missing one. */
function trimmed(input: HTMLInputElement): string {
  input.value = input.value.trim();
  return input.value;
}
