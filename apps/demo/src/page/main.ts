import type { CallState } from './call.ts';
import { byID, setIcon, within } from './dom.ts';
import { openMicrophone } from './microphone.ts';
import { clearNotice, showNotice } from './notice.ts';
import { PeopleView } from './people-view.ts';
import { type EndReason, Visit, type VisitPort } from './visit.ts';

const lobby = byID('lobby', HTMLElement);
const form = byID('join-form', HTMLFormElement);
const nameInput = byID('name', HTMLInputElement);
const roomInput = byID('room', HTMLInputElement);
const listenButton = byID('listen-button', HTMLButtonElement);
const callSection = byID('call', HTMLElement);
const muteButton = byID('mute', HTMLButtonElement);
const leaveButton = byID('leave', HTMLButtonElement);
const copyButton = byID('copy-link', HTMLButtonElement);
const state = byID('state', HTMLParagraphElement);
const people = new PeopleView(byID('people', HTMLUListElement), byID('person', HTMLTemplateElement));

const stateTexts: Readonly<Record<CallState | 'idle', string>> = {
  idle: 'Not in a call',
  connecting: 'Connecting…',
  connected: 'Connected',
  interrupted: 'Interrupted, trying again…',
  failed: 'Connection failed',
};

const endTexts: Readonly<Record<Exclude<EndReason, 'left'>, string>> = {
  connection_lost: 'The connection to the server was lost.',
  closed_by_service: 'The media service ended this call.',
  refused: 'The server refused.',
};

let visit: Visit | undefined;

async function join(withMicrophone: boolean): Promise<void> {
  if (visit !== undefined || !form.reportValidity()) return;
  clearNotice();
  showState('connecting');
  setBusy(true);
  const name = nameInput.value.trim();
  const room = roomInput.value.trim();
  try {
    const microphone = withMicrophone ? await openMicrophone() : undefined;
    visit = new Visit({ name, room, microphone }, pagePort(room, withMicrophone));
    await visit.start();
  } catch (error) {
    const triedMicrophone = visit === undefined;
    visit = undefined;
    showLobby();
    showNotice(error instanceof Error ? error.message : String(error), [
      { label: 'Try again', run: () => void join(withMicrophone) },
      ...(triedMicrophone ? [{ label: 'Join and just listen', run: () => void join(false) }] : []),
    ]);
  }
}

function pagePort(room: string, withMicrophone: boolean): VisitPort {
  return {
    onJoined: (selfID) => {
      people.reset(selfID);
      showCall(room, withMicrophone);
    },
    onState: (callState) => {
      showState(callState);
      if (callState === 'failed') {
        showNotice('No media gets through between this browser and rtcd. Is its UDP port reachable from here?', [
          { label: 'Leave', run: () => visit?.leave() },
        ]);
      }
    },
    onParticipant: (participant) => {
      people.show(participant);
      showHeadCount();
    },
    onLeft: (sessionID) => {
      people.remove(sessionID);
      showHeadCount();
    },
    onFigures: (figures) => {
      for (const [sessionID, of] of figures) people.showFigures(sessionID, of);
    },
    onService: (connected) => {
      if (connected) clearNotice();
      else showNotice('The server lost rtcd. Voices go on, but nobody can join until it is back.');
    },
    onEnd: (reason, message) => {
      visit = undefined;
      showLobby();
      if (reason === 'left') return;
      showNotice(message ?? endTexts[reason], [{ label: 'Join again', run: () => void join(withMicrophone) }]);
    },
  };
}

function showState(callState: CallState | 'idle'): void {
  state.dataset.state = callState;
  state.textContent = stateTexts[callState];
}

function showLobby(): void {
  callSection.hidden = true;
  lobby.hidden = false;
  document.title = 'rtcd demo';
  setBusy(false);
  showState('idle');
}

function showCall(room: string, withMicrophone: boolean): void {
  byID('room-title', HTMLHeadingElement).textContent = room;
  document.title = `${room} – rtcd demo`;
  history.replaceState(null, '', `?room=${encodeURIComponent(room)}`);
  showMuted(false);
  muteButton.hidden = !withMicrophone;
  lobby.hidden = true;
  callSection.hidden = false;
}

function showHeadCount(): void {
  byID('head-count', HTMLParagraphElement).textContent =
    people.size === 1 ? 'Only you so far' : `${people.size} people`;
}

function showMuted(muted: boolean): void {
  muteButton.setAttribute('aria-pressed', String(muted));
  setIcon(muteButton, muted ? 'mic-off' : 'mic');
  within(muteButton, 'span').textContent = muted ? 'Unmute' : 'Mute';
}

function setBusy(busy: boolean): void {
  for (const button of form.querySelectorAll('button')) button.disabled = busy;
}

form.onsubmit = (event) => {
  event.preventDefault();
  void join(true);
};
listenButton.onclick = () => void join(false);
leaveButton.onclick = () => visit?.leave();
muteButton.onclick = () => {
  const muted = muteButton.getAttribute('aria-pressed') !== 'true';
  visit?.setMuted(muted);
  showMuted(muted);
};
copyButton.onclick = async () => {
  await navigator.clipboard.writeText(location.href);
  within(copyButton, 'span').textContent = 'Copied';
};

// Only secure contexts have a clipboard.
copyButton.hidden = !window.isSecureContext;
roomInput.value = new URLSearchParams(location.search).get('room') ?? 'lounge';
nameInput.focus();
