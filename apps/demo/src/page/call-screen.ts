import type { Inspection } from '../inspection.ts';
import type { Participant } from '../messages.ts';
import { announce } from './announcer.ts';
import { DeviceChoice } from './device-choice.ts';
import { byID, setIcon, within } from './dom.ts';
import type { Figures } from './figures.ts';
import { InspectionView } from './inspection-view.ts';
import { Invitation } from './invitation.ts';
import { PeopleView } from './people-view.ts';
import type { RemoteTrack } from './remote-tracks.ts';
import { Stage, type StagedScreen } from './stage.ts';
import { VideoControls } from './video-controls.ts';
import type { VideoFigures } from './video-figures.ts';
import type { VideoSender } from './video-sender.ts';

/** The user's wishes during a call. */
export interface CallScreenOwner {
  onMute(muted: boolean): void;
  onMicrophone(deviceId: string): void;
  /** The sender of the own screen and camera. */
  sender(): VideoSender | undefined;
  onVideoError(error: unknown): void;
  /** The user looks at figures that rtcd has, or no longer does: there is no need to ask rtcd otherwise. */
  onInspect(inspecting: boolean): void;
  onLeave(): void;
}

/** The call as the user sees it: the people in it, and the controls. */
export class CallScreen {
  readonly #owner: CallScreenOwner;
  readonly #section = byID('call', HTMLElement);
  readonly #title = byID('room-title', HTMLHeadingElement);
  readonly #muteButton = byID('mute', HTMLButtonElement);
  readonly #microphoneField = byID('microphone-field', HTMLElement);
  readonly #people = new PeopleView(byID('people', HTMLUListElement), byID('person', HTMLTemplateElement));
  readonly #invitation = new Invitation();
  readonly #inspection: InspectionView;
  readonly #choice: DeviceChoice;
  readonly #stage = new Stage();
  readonly #video: VideoControls;
  #isMuted = false;
  #selfID = '';
  #ownScreen: StagedScreen | undefined;
  #remoteScreen: StagedScreen | undefined;

  constructor(owner: CallScreenOwner) {
    this.#choice = new DeviceChoice(byID('microphone', HTMLSelectElement), 'audioinput', owner.onMicrophone);
    this.#video = new VideoControls({
      sender: owner.sender,
      onCamera: (track) => this.#showOwnCamera(track),
      onScreen: (track) => this.#showOwnScreen(track),
      onError: owner.onVideoError,
    });
    this.#inspection = new InspectionView(byID('inspection', HTMLDetailsElement));
    // The event does not bubble.
    this.#section.addEventListener('toggle', () => owner.onInspect(this.#isInspecting), true);
    this.#owner = owner;
    byID('leave', HTMLButtonElement).onclick = owner.onLeave;
    this.#muteButton.onclick = () => {
      this.showMuted(!this.#isMuted);
      owner.onMute(this.#isMuted);
    };
  }

  /** Opens on a room, with everyone in it. */
  show(room: string, selfID: string, participants: readonly Participant[], microphone: MediaStream | undefined): void {
    this.#title.textContent = room;
    document.title = `${room} – rtcd demo`;
    history.replaceState(null, '', `?room=${encodeURIComponent(room)}`);
    this.#selfID = selfID;
    this.#people.reset(selfID);
    for (const participant of participants) this.#people.show(participant);
    this.showMuted(false);
    this.#muteButton.hidden = microphone === undefined;
    this.showMicrophone(microphone);
    this.#section.hidden = false;
    this.#showHeadCount();
    this.#title.focus();
    announce(`You joined ${room}. ${people(participants.length)} in the call.`);
  }

  hide(): void {
    this.#section.hidden = true;
    this.#inspection.close();
    this.#remoteScreen = undefined;
    this.#video.reset();
    this.#choice.close();
    document.title = 'rtcd demo';
  }

  /** The microphone in use; a listener has none to choose. */
  showMicrophone(microphone: MediaStream | undefined): void {
    this.#microphoneField.hidden = microphone === undefined;
    if (microphone !== undefined) void this.#choice.open(microphone);
  }

  /** The button's label names its action, so the label changes, and it is no toggle (ARIA button pattern). */
  showMuted(muted: boolean): void {
    this.#isMuted = muted;
    this.#muteButton.dataset.muted = String(muted);
    setIcon(this.#muteButton, muted ? 'mic-off' : 'mic');
    within(this.#muteButton, 'span').textContent = muted ? 'Unmute' : 'Mute';
  }

  showParticipant(participant: Participant): void {
    const isNew = !this.#people.has(participant.sessionID);
    this.#people.show(participant);
    if (!isNew) return;
    this.#showHeadCount();
    announce(`${participant.name} joined.`);
  }

  /** Shows these people and no others. */
  showParticipants(participants: readonly Participant[]): void {
    const present = new Set(participants.map(({ sessionID }) => sessionID));
    for (const sessionID of this.#people.sessionIDs) if (!present.has(sessionID)) this.removeParticipant(sessionID);
    for (const participant of participants) this.showParticipant(participant);
  }

  removeParticipant(sessionID: string): void {
    const name = this.#people.nameOf(sessionID);
    if (name === undefined) return;
    this.#people.remove(sessionID);
    this.#showHeadCount();
    announce(`${name} left.`);
  }

  showFigures(figures: ReadonlyMap<string, Figures>): void {
    for (const [sessionID, of] of figures) this.#people.showFigures(sessionID, of);
  }

  /** Plays someone's camera on their card, or their screen on the stage. */
  showVideo({ sessionID, type, track }: RemoteTrack): void {
    if (type === 'video') this.#people.showCamera(sessionID, track);
    else {
      this.#remoteScreen = { track, title: `Screen of ${this.#people.nameOf(sessionID) ?? 'someone'}` };
      this.#showStage();
    }
  }

  hideVideo({ sessionID, type, track }: RemoteTrack): void {
    if (type === 'video') this.#people.hideCamera(sessionID, track);
    else if (this.#remoteScreen?.track === track) {
      this.#remoteScreen = undefined;
      this.#showStage();
    }
  }

  showVideoFigures(figures: ReadonlyMap<string, VideoFigures>): void {
    this.#people.showVideoFigures(figures);
    const ofScreen = figures.get(this.#stage.track?.id ?? '');
    if (ofScreen !== undefined) this.#stage.showFigures(ofScreen);
  }

  /** Takes the own screen back. */
  endScreen(): void {
    this.#video.endScreen();
  }

  showMediaWay(way: string | undefined): void {
    this.#inspection.setBrowserWay(way);
  }

  showInspection(inspection: Inspection | undefined): void {
    this.#inspection.show(inspection);
    for (const { senderID, type, level = '', reason = '' } of inspection?.outgoing ?? []) {
      const choice = { level, reason, estimateBps: inspection!.estimateBps };
      if (type === 'video') this.#people.showChoice(senderID, choice);
      else if (type === 'screen' && this.#remoteScreen !== undefined) this.#stage.showChoice(choice);
    }
    // A picture may have gone while its figures were open.
    if (!this.#isInspecting) this.#owner.onInspect(false);
  }

  get #isInspecting(): boolean {
    return this.#section.querySelector('details.inspection[open], details.quality[open]') !== null;
  }

  #showOwnCamera(track: MediaStreamTrack | undefined): void {
    if (track === undefined) this.#people.hideCamera(this.#selfID);
    else this.#people.showCamera(this.#selfID, track);
  }

  #showOwnScreen(track: MediaStreamTrack | undefined): void {
    this.#ownScreen = track && { track, title: 'Your screen, as others see it' };
    this.#showStage();
  }

  /** While a screen of the user's own is refused, there are two: the stage is for the other one. */
  #showStage(): void {
    const screen = this.#remoteScreen ?? this.#ownScreen;
    if (screen === undefined) this.#stage.hide();
    else if (screen.track !== this.#stage.track) this.#stage.show(screen.track, screen.title);
  }

  #showHeadCount(): void {
    const { size } = this.#people;
    byID('head-count', HTMLParagraphElement).textContent = people(size);
    this.#invitation.show(size === 1);
  }
}

const people = (count: number) => (count === 1 ? '1 person' : `${count} people`);
