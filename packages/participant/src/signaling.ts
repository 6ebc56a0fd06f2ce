import type { RtcMessageType, SessionConfig } from '@rtcd/protocol';

/** Receiver of what signaling brings for one session. */
export interface SignalingHandlers {
  /** The SFU sent this session a message. Others than SDP are ignored. */
  onMessage(type: RtcMessageType, data: Uint8Array): void;
  /** A session of the call has begun or stopped to speak. */
  onSpeaking(sessionID: string, isSpeaking: boolean): void;
  /** The way to the SFU was interrupted, and is there again. Messages of the meantime may be lost. */
  onResumed(): void;
  /** The session has ended, and why. */
  onClosed(reason: string): void;
}

/** Signaling of one session that has joined. */
export interface SignalingLink {
  /** Sends a message of the session. May throw while there is no way to the SFU: what matters is sent again. */
  send(type: RtcMessageType, data: Uint8Array): void;
  /** Ends the session. Nothing is called back from now on. */
  close(): void;
}

/**
 * The way between a participant and the SFU outside of WebRTC: what Mattermost and its Calls plugin are to a browser. `rtcdSignaling` and `sfuSignaling`
 * are made of it; others can be, for example over the WebSocket of a Mattermost user.
 */
export interface Signaling {
  /** Joins a session to its call. Throws if that is not possible. */
  open(session: SessionConfig, handlers: SignalingHandlers): SignalingLink;
}
