import type { MediaMap, SessionDescription } from '@rtcd/protocol';
import type { PublishedTrack } from '../call/published-track.ts';
import type { RemoteDescription } from '../sdp/description.ts';

/** The route of a description: the client's WebSocket, or the data channel. */
export type SignalingWay = 'client' | 'channel';

/** The owner of a `Negotiator`: does what it needs done, and learns what happened. */
export interface NegotiatorOwner {
  /** All tracks that the peer should be sent now. */
  wanted(nowMs: number): readonly PublishedTrack[];
  /** Turns our sections into SDP text. */
  describe(type: 'offer' | 'answer'): SessionDescription;
  /** Sends the map that belongs to our next offer. The offer waits for `onDelivered`: a peer that gets it first drops what it cannot map. */
  sendMediaMap(map: MediaMap, onDelivered: (nowMs: number) => void, nowMs: number): void;
  sendOffer(offer: SessionDescription, nowMs: number): void;
  /** Returns whether an offer is from a peer that our own pending one no longer reaches: it lost the data channel, or starts over. */
  isOutOfReach(offer: RemoteDescription, way: SignalingWay): boolean;
  /** Returns whether a description names the known transport. */
  isSameTransport(remote: RemoteDescription): boolean;
  /** A description of the peer is about to be answered, or completes our offer: its transport parameters count from here. */
  onRemote(remote: RemoteDescription, nowMs: number): void;
  /** Both sides agree again: the sections describe what flows now. */
  onNegotiated(nowMs: number): void;
  onFailure(failure: 'signaling' | 'signaling_lock_timeout', detail: string, nowMs: number): void;
  onLockGrabbed(waitedMs: number): void;
  onLockReleased(heldMs: number): void;
}
