import type { Origin, RemoteDescription } from '../sdp/description.ts';

/**
 * A description that comes late is a few versions behind (RFC 9429 section 5.2.1 counts by one). webrtc-rs takes a random number each
 * time, so that one far behind means nothing.
 */
const MAX_VERSIONS_BEHIND = 1_000n;

/** Tells late and repeated descriptions of the peer from new ones, by the versions in their `o=` lines. */
export class RemoteVersions {
  /** Version of the peer's last description that counted. */
  #last: Origin | undefined;
  /** The peer gives each description another version. libdatachannel never does. */
  #counts = false;

  /** A later description of the same endpoint counts already: this one comes late, or a second time. */
  isOvertaken({ origin }: RemoteDescription): boolean {
    const last = this.#last;
    if (origin === undefined || origin.sessionId !== last?.sessionId) return false;
    return origin.version < last.version && origin.version >= last.version - MAX_VERSIONS_BEHIND;
  }

  /** Returns whether a description repeats the last one that counted. */
  isCopy({ origin }: RemoteDescription): boolean {
    const last = this.#last;
    if (!this.#counts || origin === undefined || last === undefined) return false;
    return origin.sessionId === last.sessionId && origin.version === last.version;
  }

  /** The description counts. */
  remember({ origin }: RemoteDescription): void {
    const last = this.#last;
    this.#counts ||= origin?.sessionId === last?.sessionId && origin?.version !== last?.version;
    this.#last = origin;
  }
}
