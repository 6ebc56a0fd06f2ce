import type { PacketPaths, PathId } from '@rtcd/packet-io';
import {
  authenticateCheck,
  type CheckDrop,
  type IceGeneration,
  newGeneration,
  objectionTo,
  writeCheckError,
  writeCheckSuccess,
} from './check.ts';
import type { IceCredentials } from './credentials.ts';
import {
  CONSENT_EXPIRES_AFTER_MS,
  isStale,
  STALE_AFTER_MS,
  takesOver,
  type ValidPath,
  ValidPaths,
} from './valid-paths.ts';

/** As in the W3C's RTCIceTransportState, without the states of a checking agent. */
export type IceState = 'new' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface IceAgentOptions {
  /** Holds the paths that proved to be the peer's. */
  readonly paths: Pick<PacketPaths, 'holdPath' | 'releasePath' | 'pathOf'>;
  readonly local: IceCredentials;
  /** Remote credentials, if known already; see `setRemoteCredentials`. */
  readonly remote?: IceCredentials;
  readonly nowMs: number;
}

export interface IceAgentOwner {
  /** Sends a response; the datagram is the callee's. */
  transmit(datagram: Uint8Array, path: PathId): void;
  /**
   * A path proved to be the peer's: packets on it are for this session. Called with every check, so that a path which another session
   * claimed meanwhile comes back to its owner.
   */
  onValidPath(path: PathId): void;
  /** A valid path is no longer held: no check came on it for long, too many came after it, it ended, or the agent closed. */
  onPathForgotten?(path: PathId): void;
  /** Selected path from now on. */
  onSelectedPath(path: PathId, nowMs: number): void;
  /** No check under this local ufrag is accepted any more. */
  onUfragRetired?(ufrag: string): void;
  onStateChange(state: IceState, nowMs: number): void;
}

/** Running totals. */
export type IceAgentStats = Readonly<Record<'accepted' | 'refused' | 'noPath' | CheckDrop, number>>;

/**
 * The lite side of ICE (RFC 8445 section 2.5): it answers the peer's checks, follows its nominations, and takes silence
 * for the end of its consent. It never sends a check itself, and is always controlled.
 */
export class IceLiteAgent {
  readonly #owner: IceAgentOwner;
  readonly #io: IceAgentOptions['paths'];
  readonly #paths = new ValidPaths();
  readonly #stats = {
    accepted: 0,
    refused: 0,
    noPath: 0,
    malformed: 0,
    unexpected: 0,
    wrongUsername: 0,
    unauthentic: 0,
  };
  /** The one in use, then the one of a restart that the peer has not used yet. */
  #generations: readonly [current: IceGeneration, next?: IceGeneration];
  #selected: ValidPath | undefined;
  #state: IceState = 'new';
  /** Time when the agent was created, then of the last sign of the peer. */
  #lastCheckMs: number;

  constructor({ paths, local, remote, nowMs }: IceAgentOptions, owner: IceAgentOwner) {
    this.#owner = owner;
    this.#io = paths;
    this.#generations = [newGeneration(local, remote)];
    this.#lastCheckMs = nowMs;
  }

  get state(): IceState {
    return this.#state;
  }

  /**
   * Path to send on. Before the peer nominates, the first valid path stands in, so that its DTLS, which it may begin with
   * the first answered check, finds an answer.
   */
  get selectedPath(): PathId | undefined {
    return this.#selected?.path;
  }

  /** All paths on which the peer has proved itself and was heard of lately. */
  get validPaths(): readonly ValidPath[] {
    return this.#paths.all;
  }

  get stats(): IceAgentStats {
    return this.#stats;
  }

  /** From the peer's first description, or a later answer. From now on its checks must name its ufrag too. */
  setRemoteCredentials(remote: IceCredentials): void {
    this.#generations.at(-1)!.remote = remote;
  }

  /**
   * ICE restart (RFC 8445 section 9): both sides' new credentials. The old ones and the selected path hold until the first
   * authentic check under the new ones. A restart on top of one that was never used replaces it.
   */
  restart(local: IceCredentials, remote: IceCredentials): void {
    if (this.#state === 'closed') return;
    const [current, replaced] = this.#generations;
    this.#generations = [current, newGeneration(local, remote)];
    if (replaced !== undefined) this.#owner.onUfragRetired?.(replaced.local.ufrag);
  }

  /** A STUN datagram that came on `path`, borrowed until return. */
  receive(datagram: Uint8Array, path: PathId, nowMs: number): void {
    if (this.#state === 'closed') return;
    const bytes = Buffer.from(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    const check = authenticateCheck(bytes, this.#acceptedGenerations());
    if (typeof check === 'string') {
      this.#stats[check]++;
      return;
    }
    const objection = objectionTo(check.request);
    if (objection !== undefined) {
      this.#stats.refused++;
      this.#owner.transmit(writeCheckError(check, objection), path);
      return;
    }
    const checked = this.#paths.find(path) ?? this.#addPath(path, nowMs);
    const remote = checked && this.#io.pathOf(checked.path);
    if (checked === undefined || remote === undefined) {
      this.#stats.noPath++;
      return;
    }
    this.#stats.accepted++;
    this.#owner.transmit(writeCheckSuccess(check, remote), checked.path);
    if (check.generation === this.#generations[1]) this.#moveToNextGeneration(check.generation);
    this.#pathChecked(checked, check.request.priority ?? 0, check.request.useCandidate === true, nowMs);
  }

  /** The connection of a path broke: there is no point in waiting until the path is stale. */
  pathEnded(path: PathId, nowMs: number): void {
    const ended = this.#paths.find(path);
    if (ended === undefined) return;
    this.#paths.remove(ended);
    this.#forget(ended);
    if (ended !== this.#selected) return;
    this.#selected = this.#paths.bestAlive(nowMs);
    if (this.#selected !== undefined) this.#owner.onSelectedPath(this.#selected.path, nowMs);
    else if (this.#state === 'connected') this.#enter('disconnected', nowMs);
  }

  /** Time when `timeout` has something to do, in the time of `receive`; Infinity if never. */
  deadline(): number {
    switch (this.#state) {
      case 'new':
      case 'disconnected':
        return this.#lastCheckMs + CONSENT_EXPIRES_AFTER_MS;
      case 'connected':
        return (this.#selected?.lastCheckMs ?? this.#lastCheckMs) + STALE_AFTER_MS;
      case 'failed':
      case 'closed':
        return Number.POSITIVE_INFINITY;
      default:
        return this.#state satisfies never;
    }
  }

  timeout(nowMs: number): void {
    if (this.#state === 'connected' && this.#selected !== undefined && isStale(this.#selected, nowMs)) {
      const alive = this.#paths.bestAlive(nowMs);
      if (alive !== undefined) this.#select(alive, nowMs);
      else this.#enter('disconnected', nowMs);
    }
    if (nowMs < this.deadline()) return;
    if (this.#state === 'new' || this.#state === 'disconnected') this.#enter('failed', nowMs);
  }

  close(nowMs: number): void {
    this.#enter('closed', nowMs);
    this.#selected = undefined;
    for (const path of this.#paths.clear()) this.#forget(path);
  }

  /** Once failed, only a restart helps (as in the W3C's WebRTC): the old credentials count no more. */
  #acceptedGenerations(): readonly IceGeneration[] {
    const all = this.#generations.filter((generation) => generation !== undefined);
    return this.#state === 'failed' ? all.slice(1) : all;
  }

  #moveToNextGeneration(next: IceGeneration): void {
    const [retired] = this.#generations;
    this.#generations = [next];
    this.#paths.forgetNominations();
    this.#owner.onUfragRetired?.(retired.local.ufrag);
  }

  /** Holds a path. It is known already, under another number, if two of its packets came at once. */
  #addPath(path: PathId, nowMs: number): ValidPath | undefined {
    const held = this.#io.holdPath(path);
    if (held === undefined) return undefined;
    const known = this.#paths.find(held);
    if (known === undefined) return this.#paths.add(held, nowMs);
    this.#io.releasePath(held);
    return known;
  }

  #forget({ path }: ValidPath): void {
    this.#io.releasePath(path);
    this.#owner.onPathForgotten?.(path);
  }

  #pathChecked(checked: ValidPath, priority: number, nominated: boolean, nowMs: number): void {
    checked.priority = priority;
    checked.lastCheckMs = nowMs;
    if (nominated) checked.lastNominationMs = nowMs;
    this.#lastCheckMs = nowMs;

    const next = takesOver(checked, nominated, this.#selected, nowMs) ? checked : this.#selected;
    for (const forgotten of this.#paths.evict(next, nowMs)) this.#forget(forgotten);
    this.#owner.onValidPath(checked.path);
    if (next !== undefined && next !== this.#selected) this.#select(next, nowMs);
    this.#enter('connected', nowMs);
  }

  #select(next: ValidPath, nowMs: number): void {
    if (this.#state === 'closed') return;
    this.#selected = next;
    this.#owner.onSelectedPath(next.path, nowMs);
  }

  #enter(state: IceState, nowMs: number): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#owner.onStateChange(state, nowMs);
  }
}
