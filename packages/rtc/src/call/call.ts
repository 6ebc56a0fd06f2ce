import { RtcError } from '../errors.ts';
import type { PublishedTrack } from './published-track.ts';
import { type Receiver, wantedTracks } from './wanted-tracks.ts';

/** A member of a call, as the call sees it. */
export interface CallMember extends Receiver {
  /** What `Call.tracksFor` says may have changed. It is asked when there is something to be done with the answer. */
  onTracksChanged(nowMs: number): void;
}

/** One conference: who is in it, what they send, and whose screen is shown. Every change ends in `#update`. */
export class Call<Member extends CallMember = CallMember> {
  readonly groupID: string;
  readonly callID: string;
  readonly #members = new Map<string, Member>();
  readonly #published = new Set<PublishedTrack>();
  #screen: { readonly sessionID: string; readonly streamId: string } | undefined;

  constructor(groupID: string, callID: string) {
    this.groupID = groupID;
    this.callID = callID;
  }

  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  member(sessionID: string): Member | undefined {
    return this.#members.get(sessionID);
  }

  add(member: Member, nowMs: number): void {
    this.#members.set(member.sessionID, member);
    member.onTracksChanged(nowMs);
  }

  /** The tracks that a member should be sent now, all of them. */
  tracksFor(receiver: Receiver): PublishedTrack[] {
    return wantedTracks(this.#published, receiver);
  }

  /** The member's tracks and its screen go with it. */
  remove(member: Member, nowMs: number): void {
    this.#members.delete(member.sessionID);
    if (this.#screen?.sessionID === member.sessionID) this.#screen = undefined;
    this.#withdraw((track) => track.senderID === member.sessionID, nowMs);
  }

  publish(track: PublishedTrack, nowMs: number): void {
    this.#published.add(track);
    this.#update(nowMs);
  }

  unpublish(track: PublishedTrack, nowMs: number): void {
    if (this.#published.delete(track)) this.#update(nowMs);
  }

  /** Throws `RtcError` 'screen_taken' while another session shares its screen. */
  shareScreen(sessionID: string, streamId: string, nowMs: number): void {
    if (this.#screen && this.#screen.sessionID !== sessionID) {
      throw new RtcError('screen_taken', `the screen of session ${this.#screen.sessionID} is being shared already`);
    }
    if (this.#screen && this.#screen.streamId !== streamId) this.unshareScreen(sessionID, nowMs);
    this.#screen = { sessionID, streamId };
  }

  unshareScreen(sessionID: string, nowMs: number): void {
    if (this.#screen?.sessionID !== sessionID) return;
    this.#screen = undefined;
    const isScreenTrack = ({ senderID, type }: PublishedTrack) =>
      senderID === sessionID && (type === 'screen' || type === 'screen-audio');
    this.#withdraw(isScreenTrack, nowMs);
  }

  /** Whether a MediaStream of a session is the screen that it announced. */
  isScreen(sessionID: string, streamId: string): boolean {
    return this.#screen?.sessionID === sessionID && this.#screen.streamId === streamId;
  }

  #withdraw(matches: (track: PublishedTrack) => boolean, nowMs: number): void {
    const withdrawn = [...this.#published].filter(matches);
    for (const track of withdrawn) this.#published.delete(track);
    if (withdrawn.length > 0) this.#update(nowMs);
  }

  #update(nowMs: number): void {
    for (const member of this.#members.values()) member.onTracksChanged(nowMs);
  }
}
