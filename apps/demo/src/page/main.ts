// Before the modules that make schemas.
import { textOf } from '@rtcd/boundary';
import './no-eval.ts';

import type { CallState } from './call.ts';
import { CallScreen } from './call-screen.ts';
import { byID } from './dom.ts';
import { lobby } from './lobby.ts';
import { forgetJoin, interruptedJoin, type RememberedJoin, rememberJoin } from './memory.ts';
import { openMicrophone } from './microphone.ts';
import { clearNotice, clearNotices, showNotice } from './notices.ts';
import { type EndReason, Visit, type VisitOwner } from './visit.ts';

const state = byID('state', HTMLParagraphElement);

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

const screen = new CallScreen({
  onMute: (muted) => visit?.setMuted(muted),
  onMicrophone: (deviceId) => void switchMicrophone(deviceId),
  sender: () => visit?.video,
  onVideoError: (error) => showNotice('video', textOf(error)),
  onInspect: (inspecting) => visit?.setInspecting(inspecting),
  onLeave: () => visit?.leave(),
});

async function join(wish: RememberedJoin): Promise<void> {
  if (visit !== undefined) return;
  clearNotices();
  showState('connecting');
  lobby.setBusy(true);
  let microphone: MediaStream | undefined;
  try {
    if (wish.withMicrophone) microphone = await openMicrophone();
  } catch (error) {
    endJoin(error, [
      { label: 'Try again', run: () => void join(wish) },
      { label: 'Join and just listen', run: () => void join({ ...wish, withMicrophone: false }) },
    ]);
    return;
  }
  try {
    visit = new Visit({ ...wish, microphone }, visitPort(wish, microphone));
    await visit.start();
  } catch (error) {
    visit = undefined;
    endJoin(error, [{ label: 'Try again', run: () => void join(wish) }]);
  }
}

function endJoin(error: unknown, actions: Parameters<typeof showNotice>[2]): void {
  showLobby();
  showNotice('ended', textOf(error), actions);
}

function visitPort(wish: RememberedJoin, microphone: MediaStream | undefined): VisitOwner {
  return {
    onJoined: (selfID, participants) => {
      rememberJoin(wish);
      lobby.hide();
      screen.show(wish.room, selfID, participants, microphone);
    },
    onState: showCallState,
    onParticipant: (participant) => screen.showParticipant(participant),
    onLeft: (sessionID) => screen.removeParticipant(sessionID),
    onResumed: (participants) => screen.showParticipants(participants),
    onFigures: (figures) => screen.showFigures(figures),
    onVideo: (remote) => screen.showVideo(remote),
    onVideoEnded: (remote) => screen.hideVideo(remote),
    onVideoFigures: (figures) => screen.showVideoFigures(figures),
    onMediaWay: (way) => screen.showMediaWay(way),
    onScreenRefused: (message) => {
      screen.endScreen();
      showNotice('video', message);
    },
    onInspection: (inspection) => screen.showInspection(inspection),
    onService: (connected) => {
      if (connected) clearNotice('service');
      else showNotice('service', 'The server lost rtcd. Voices continue, but no one can join until it is back.');
    },
    onSignalingError: () =>
      showNotice('signaling', 'This page and rtcd no longer agree about the call, so new voices may be missing.', [
        { label: 'Join again', run: rejoin(wish) },
      ]),
    onMicrophoneLost: () => void replaceLostMicrophone(),
    onEnd: (reason, message) => {
      visit = undefined;
      clearNotices();
      showLobby();
      if (reason === 'left') return forgetJoin();
      showNotice('ended', message ?? endTexts[reason], [{ label: 'Join again', run: () => void join(wish) }]);
    },
  };
}

const rejoin = (wish: RememberedJoin) => () => {
  visit?.leave();
  void join(wish);
};

/** The state in the corner and the notice about media never contradict each other: both are set here alone. */
function showCallState(callState: CallState): void {
  showState(callState);
  if (callState !== 'failed') return clearNotice('media');
  showNotice('media', 'No media gets through between this browser and rtcd. Is its UDP port reachable from here?', [
    { label: 'Leave', run: () => visit?.leave() },
  ]);
}

function showState(callState: CallState | 'idle'): void {
  state.dataset.state = callState;
  state.textContent = stateTexts[callState];
}

function showLobby(): void {
  screen.hide();
  lobby.show();
  showState('idle');
}

/** The microphone was unplugged: another one takes over if there is one, else the user is shown as muted. */
async function replaceLostMicrophone(): Promise<void> {
  const isReplaced = await switchMicrophone();
  if (isReplaced) return;
  screen.showMuted(true);
  visit?.setMuted(true);
}

/** Opens this microphone, by default the one that the browser prefers, and sends it. Returns whether it could. */
async function switchMicrophone(deviceId?: string): Promise<boolean> {
  const during = visit;
  if (during === undefined) return false;
  clearNotice('microphone');
  try {
    const microphone = await openMicrophone(deviceId);
    await during.switchMicrophone(microphone);
    if (visit === during) screen.showMicrophone(microphone);
    return true;
  } catch (error) {
    if (visit !== during) return false;
    const lead = deviceId === undefined ? 'Your microphone is gone, so no one hears you. ' : '';
    showNotice('microphone', `${lead}${textOf(error)}`, [
      { label: 'Try again', run: () => void switchMicrophone(deviceId) },
    ]);
    return false;
  }
}

lobby.open((wish) => void join(wish));
const interrupted = interruptedJoin();
if (interrupted !== undefined) {
  forgetJoin();
  showNotice('rejoin', `You were in ${interrupted.room} when this page was reloaded.`, [
    { label: 'Rejoin', run: () => void join(interrupted) },
  ]);
}
