import type { Timers } from '@rtcd/boundary';
import type { ClientSession } from './client-sessions.ts';

/** Repeating what a session may have lost means negotiating again: no more often than this. */
const INTERVAL_MS = 1_000;

interface Recent {
  timer: unknown;
  /** Another reconnect came in the meantime. */
  isDue: boolean;
}

/** Resumes sessions whose clients have reconnected: the first time at once, and the last of any that follow it shortly. */
export class Reconnects {
  readonly #clock: Timers;
  readonly #resume: (session: ClientSession) => void;
  readonly #recent = new Map<ClientSession, Recent>();

  constructor(clock: Timers, resume: (session: ClientSession) => void) {
    this.#clock = clock;
    this.#resume = resume;
  }

  request(session: ClientSession): void {
    const recent = this.#recent.get(session);
    if (recent !== undefined) {
      recent.isDue = true;
      return;
    }
    const timer = this.#clock.setTimer(() => this.#intervalEnded(session), INTERVAL_MS);
    this.#recent.set(session, { timer, isDue: false });
    this.#resume(session);
  }

  /** The session has ended. */
  forget(session: ClientSession): void {
    this.#clock.clearTimer(this.#recent.get(session)?.timer);
    this.#recent.delete(session);
  }

  #intervalEnded(session: ClientSession): void {
    const isDue = this.#recent.get(session)?.isDue;
    this.#recent.delete(session);
    if (isDue) this.request(session);
  }
}
