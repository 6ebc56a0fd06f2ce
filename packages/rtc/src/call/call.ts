import { RtcError } from '../errors.ts';
import { ActiveVoices } from './active-voices.ts';
import type { PublishedTrack } from './published-track.ts';
import { Speakers } from './speakers.ts';
import { type Receiver, selectTracks, type TrackSelection } from './wanted-tracks.ts';

/** A member of a call, as the call sees it. */
export interface CallMember extends Receiver {
  /** The result of `Call.tracksFor` may have changed. It is asked when there is something to be done with the answer. */
  onTracksChanged(nowMs: number): void;
}

/** One conference: its members, what they send, and which screen is shown. Every change ends in `#update`. */
export class Call<Member extends CallMember = CallMember> {
  readonly groupID: string;
  readonly callID: string;
  /** Decides which voices are forwarded. Undefined where all are. */
  readonly activeVoices: ActiveVoices | undefined;
  /** Members by how lately they led the conversation. */
  readonly speakers = new Speakers();
  readonly #members = new Map<string, Member>();
  readonly #published = new Set<PublishedTrack>();
  #screen: { readonly sessionID: string; readonly streamId: string } | undefined;

  constructor(groupID: string, callID: string, maxActiveVoices = 0) {
    this.groupID = groupID;
    this.callID = callID;
    this.activeVoices = maxActiveVoices > 0 ? new ActiveVoices(maxActiveVoices) : undefined;
  }

  /** The session that shares its screen. */
  get sharer(): string | undefined {
    return this.#screen?.sessionID;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  add(member: Member, nowMs: number): void {
    this.#members.set(member.sessionID, member);
    member.onTracksChanged(nowMs);
  }

  /** The tracks that a member should be sent now, and those that it misses. */
  tracksFor(receiver: Receiver): TrackSelection {
    return selectTracks(this.#published, receiver, (senderID) => this.#members.get(senderID)?.av1Support === true);
  }

  /** The member's tracks and its screen go with it. */
  remove(member: Member, nowMs: number): void {
    this.#members.delete(member.sessionID);
    this.speakers.remove(member.sessionID);
    if (this.#screen?.sessionID === member.sessionID) this.#screen = undefined;
    const published = [...this.#published].filter(({ senderID }) => senderID === member.sessionID);
    if (published.length > 0) this.changeTracks(published, [], nowMs);
  }

  /** Tracks of a member that ended, and that began: one change for everyone else. */
  changeTracks(ended: readonly PublishedTrack[], begun: readonly PublishedTrack[], nowMs: number): void {
    for (const track of ended) this.#published.delete(track);
    for (const track of begun) this.#published.add(track);
    this.#update(nowMs);
  }

  /** Throws `RtcError` `screen_taken` while another session shares its screen. */
  shareScreen(sessionID: string, streamId: string): void {
    if (this.#screen && this.#screen.sessionID !== sessionID) {
      throw new RtcError('screen_taken', `the screen of session ${this.#screen.sessionID} is already being shared`);
    }
    this.#screen = { sessionID, streamId };
  }

  unshareScreen(sessionID: string): void {
    if (this.#screen?.sessionID === sessionID) this.#screen = undefined;
  }

  /** Reports whether a MediaStream of a session is the screen that it announced. */
  isScreen(sessionID: string, streamId: string): boolean {
    return this.#screen?.sessionID === sessionID && this.#screen.streamId === streamId;
  }

  #update(nowMs: number): void {
    for (const member of this.#members.values()) member.onTracksChanged(nowMs);
  }
}
