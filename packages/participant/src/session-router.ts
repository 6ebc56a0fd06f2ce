import { type RtcMessage, RtcMessageType, type SessionConfig } from '@rtcd/protocol';
import type { SignalingHandlers } from './signaling.ts';

interface OpenSession {
  readonly session: SessionConfig;
  readonly handlers: SignalingHandlers;
}

/** Passes on what comes for many sessions, so that one listener serves all of them. It listens while there is a session. */
export class SessionRouter {
  readonly #listen: () => () => void;
  readonly #sessions = new Map<string, OpenSession>();
  #stop: (() => void) | undefined;

  /** `listen` adds the listeners, and returns the function that removes them. */
  constructor(listen: () => () => void) {
    this.#listen = listen;
  }

  add(session: SessionConfig, handlers: SignalingHandlers): void {
    this.#sessions.set(session.sessionID, { session, handlers });
    this.#stop ??= this.#listen();
  }

  remove(sessionID: string): void {
    this.#sessions.delete(sessionID);
    if (this.#sessions.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  /** Voice activity is for all sessions of the call, everything else for the session that it names. */
  onMessage({ type, sessionID, callID, data }: RtcMessage): void {
    if (type !== RtcMessageType.VoiceOn && type !== RtcMessageType.VoiceOff) {
      this.#sessions.get(sessionID)?.handlers.onMessage(type, data);
      return;
    }
    for (const { session, handlers } of [...this.#sessions.values()]) {
      if (session.callID === callID) handlers.onSpeaking(sessionID, type === RtcMessageType.VoiceOn);
    }
  }

  onResumed(): void {
    for (const { handlers } of [...this.#sessions.values()]) handlers.onResumed();
  }

  onClosed(sessionID: string, reason: string): void {
    this.#sessions.get(sessionID)?.handlers.onClosed(reason);
  }

  onAllClosed(reason: string): void {
    for (const { handlers } of [...this.#sessions.values()]) handlers.onClosed(reason);
  }
}
