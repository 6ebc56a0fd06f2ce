import type { MediaMap, TrackType } from '@rtcd/protocol';

/** A track that rtcd sends, and whose it is. */
export interface RemoteTrack {
  readonly sessionID: string;
  readonly type: TrackType;
  readonly track: MediaStreamTrack;
}

export interface RemoteTracksOwner {
  onTrack(remote: RemoteTrack): void;
  onTrackEnded(remote: RemoteTrack): void;
}

interface Received {
  readonly track: MediaStreamTrack;
  readonly stream: MediaStream;
}

/** Finds out whose each received track is: the map comes over the data channel and the offer over the WebSocket, in any order. */
export class RemoteTracks {
  readonly #owner: RemoteTracksOwner;
  /** By mid. */
  readonly #unnamed = new Map<string, Received>();
  #mediaMap: MediaMap = {};

  constructor(owner: RemoteTracksOwner) {
    this.#owner = owner;
  }

  add({ track, streams: [stream], transceiver: { mid } }: RTCTrackEvent): void {
    if (stream === undefined || mid === null) return;
    this.#unnamed.set(mid, { track, stream });
    this.#name();
  }

  setMediaMap(map: MediaMap): void {
    this.#mediaMap = map;
    this.#name();
  }

  #name(): void {
    for (const [mid, { track, stream }] of this.#unnamed) {
      const entry = this.#mediaMap[mid];
      if (entry === undefined) continue;
      this.#unnamed.delete(mid);
      const remote: RemoteTrack = { sessionID: entry.senderID, type: entry.type, track };
      const onRemoved = ({ track: removed }: MediaStreamTrackEvent) => {
        if (removed !== track) return;
        stream.removeEventListener('removetrack', onRemoved);
        this.#owner.onTrackEnded(remote);
      };
      stream.addEventListener('removetrack', onRemoved);
      this.#owner.onTrack(remote);
    }
  }
}
