/** Maps each call to its host and its sessions. Knows no clients. */
export class CallTable {
  readonly #calls = new Map<string, { readonly host: string; readonly sessions: Set<string> }>();
  /** The call of each session. */
  readonly #sessions = new Map<string, string>();

  /** Puts a call on a host, where it stays. */
  place(callID: string, host: string): void {
    if (!this.#calls.has(callID)) this.#calls.set(callID, { host, sessions: new Set() });
  }

  hostOf(callID: string): string | undefined {
    return this.#calls.get(callID)?.host;
  }

  callOf(sessionID: string): string | undefined {
    return this.#sessions.get(sessionID);
  }

  /** Sessions of a call. */
  sessionsOf(callID: string): readonly string[] {
    return [...(this.#calls.get(callID)?.sessions ?? [])];
  }

  callsOn(host: string): readonly string[] {
    return [...this.#calls].filter(([, call]) => call.host === host).map(([callID]) => callID);
  }

  /** Adds a session to a call that has been placed. */
  join(callID: string, sessionID: string): void {
    this.#calls.get(callID)?.sessions.add(sessionID);
    this.#sessions.set(sessionID, callID);
  }

  /** Takes a session out. Returns the call if this was its last session: then it is over. */
  leave(sessionID: string): string | undefined {
    const callID = this.#sessions.get(sessionID);
    if (callID === undefined) return undefined;
    this.#sessions.delete(sessionID);
    const sessions = this.#calls.get(callID)?.sessions;
    sessions?.delete(sessionID);
    if (sessions === undefined || sessions.size > 0) return undefined;
    this.#calls.delete(callID);
    return callID;
  }

  /** Forgets a call and its sessions. */
  end(callID: string): void {
    for (const sessionID of this.sessionsOf(callID)) this.#sessions.delete(sessionID);
    this.#calls.delete(callID);
  }
}
