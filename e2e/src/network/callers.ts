import type { Place } from './call-network.ts';
import type { IceServer } from './ice-servers.ts';
import type { SeenWay } from './seen-way.ts';

/** Way by which a headless participant connects: it does not try several. */
export type HeadlessWay = 'udp' | 'tcp' | 'tls';

/** The servers and the way by which the participant at the place reaches the call. */
export interface Access {
  readonly headlessWay: HeadlessWay;
  readonly iceServers: readonly IceServer[];
}

/** Access without servers. */
export const DIRECT: Access = { headlessWay: 'udp', iceServers: [] };

/** A call between a participant in some network and a colleague in the office, while both hear each other. */
export interface RunningCall {
  /** Session of the one at the place. */
  readonly sessionID: string;
  readonly colleagueSessionID: string;
  /** From the caller's join until both heard each other. */
  readonly untilMediaMs: number;
  /** The way that the caller's media takes now by its `getStats`. Undefined without such. */
  reportedWay(): Promise<SeenWay | undefined>;
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
  /** Lets both join a call, the one on the host from a place where it is plugged in. */
  call(place: Pick<Place, 'address' | 'publicAddress'>, access?: Access): Promise<RunningCall>;
  /** Resolves once both have heard each other for another second. */
  untilBothHear(): Promise<Continuity>;
  /** Shows the cameras of both, in packets as large as those of browsers get. Resolves once each sees the other's. */
  untilBothSee(): Promise<void>;
  /** The host was plugged in elsewhere. Resolves once its participant knows. */
  moveTo(address: string): Promise<void>;
  /** Restarts ICE on an intact path. Resolves once that is agreed upon. */
  restartIce(): Promise<void>;
  close(): Promise<void>;
}
