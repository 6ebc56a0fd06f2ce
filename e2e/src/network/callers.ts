/** A call between a participant in some network and a colleague in the office, while both hear each other. */
export interface RunningCall {
  /** Session of the one at the place. */
  readonly sessionID: string;
  /** From that one's join until both heard each other. */
  readonly untilMediaMs: number;
  end(): void;
}

/** Sound since the last look. */
export interface Continuity {
  /** Longest time without sound in one direction. */
  readonly silenceMs: number;
  /** Packets that never arrived, where they can be counted: since the beginning. */
  readonly lost: number;
}

/** Two participants: one on a host that is plugged in here and there, and a colleague in the office. */
export interface Callers {
  /** Lets both join a call, the one on the host from a local address of it. */
  call(address: string, isUdpBlocked?: boolean): Promise<RunningCall>;
  /** Resolves once both have heard each other for another second. */
  untilBothHear(): Promise<Continuity>;
  /** The host was plugged in elsewhere. Resolves once its participant knows. */
  moveTo(address: string): Promise<void>;
  /** Restarts ICE on an intact path. Resolves once that is agreed upon. */
  restartIce(): Promise<void>;
  close(): Promise<void>;
}
