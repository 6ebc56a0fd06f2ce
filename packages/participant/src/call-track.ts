import { EventEmitter } from 'node:events';
import type { MediaMapEntry, TrackType } from '@rtcd/protocol';
import type { PeerConnection, ReceivedFrame, RemoteTrack, TrackStats } from '@rtcd/rtc/peer';

/** Events of a track. */
export interface CallTrackEvents {
  /** The next frame arrived. Frames are in order. */
  frame: [frame: ReceivedFrame];
  /** No more frames come. */
  ended: [];
}

type CallTrackPeer = Pick<PeerConnection, 'stats' | 'requestKeyframe'>;

/** A voice, screen, or camera of another session. */
export class CallTrack extends EventEmitter<CallTrackEvents> {
  readonly type: TrackType;
  /** Session that sends it. */
  readonly sessionID: string;
  /** Unique in the call. */
  readonly trackId: string;
  /** `audio/opus` or `video/VP8`. */
  readonly mimeType: string;
  readonly #peer: CallTrackPeer;
  readonly #remote: RemoteTrack;
  #hasEnded = false;

  /** @internal */
  constructor(remote: RemoteTrack, entry: MediaMapEntry | undefined, peer: CallTrackPeer) {
    super();
    this.type = typeOf(remote, entry);
    this.sessionID = remote.streamId;
    this.trackId = remote.trackId;
    this.mimeType = remote.mimeType;
    this.#remote = remote;
    this.#peer = peer;
  }

  /** Kind of its frames: Opus packets, or VP8 pictures. */
  get kind(): 'audio' | 'video' {
    return this.type === 'screen' || this.type === 'video' ? 'video' : 'audio';
  }

  /** Reports whether no more frames come. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Reception so far, undefined once it has ended. */
  get stats(): TrackStats | undefined {
    return this.#peer.stats(this.#remote);
  }

  /** Asks the sender of a video for a key frame. The SFU passes on one request per second. */
  requestKeyframe(): void {
    if (!this.#hasEnded) this.#peer.requestKeyframe(this.#remote);
  }

  /** @internal */
  end(): void {
    this.#hasEnded = true;
    this.emit('ended');
  }
}

const TYPES = {
  audio: ['voice', 'screen-audio'],
  video: ['video', 'screen'],
} as const satisfies Record<RemoteTrack['kind'], readonly TrackType[]>;

/**
 * The track id begins with the type, and comes with the track itself. The media map, which may come before or after it, is for SFUs that write
 * other ids.
 */
function typeOf({ kind, trackId }: RemoteTrack, entry: MediaMapEntry | undefined): TrackType {
  const [prefix] = trackId.split('_', 1);
  const isType = (type: string | undefined) => TYPES[kind].find((known) => known === type);
  return isType(prefix) ?? isType(entry?.type) ?? TYPES[kind][0];
}
