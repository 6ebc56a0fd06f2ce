import type { PacketPaths, PathId } from '@rtcd/packet-io';
import type { Random } from '../ports.ts';
import { parseStunMessage } from '../stun/message.ts';
import {
  type AuthenticCheck,
  authenticateCheck,
  type CheckDrop,
  type IceGeneration,
  newGeneration,
  objectionTo,
  writeCheckError,
  writeCheckSuccess,
} from './check.ts';
import type { IceCredentials } from './credentials.ts';
import { PathProver } from './path-prover.ts';
import { SeenTransactions } from './seen-transactions.ts';
import { STALE_AFTER_MS, type ValidPath } from './valid-path.ts';
import { CONSENT_EXPIRES_AFTER_MS, isRebound, takesOver, ValidPaths } from './valid-paths.ts';

/** As in the W3C's RTCIceTransportState, without the states of a checking agent. */
export type IceState = 'new' | 'connected' | 'disconnected' | 'failed' | 'closed';

export interface IceAgentOptions {
  /** Holds the paths that proved to be the peer's. */
  readonly paths: Pick<PacketPaths, 'holdPath' | 'releasePath' | 'pathOf'>;
  readonly local: IceCredentials;
  /** Remote credentials, if known already; see `setRemoteCredentials`. */
  readonly remote?: IceCredentials;
  readonly random: Random;
  readonly nowMs: number;
}

export interface IceAgentOwner {
  /** Sends a datagram, which is the callee's if it is STUN. */
  transmit(datagram: Uint8Array, path: PathId): void;
  /**
   * An authentic check came on a path: packets on it are for this session, unless they are for another one. Called with every check, so that a path
   * which another session held meanwhile comes to the one that remains.
   */
  onValidPath(path: PathId): void;
  /** The peer proved that it is at the path's address: packets on it are for this session, whichever one held it before. */
  onProvenPath(path: PathId): void;
  /** A response with this transaction id is for this session, until the request is over. */
  onRequest(transactionId: Uint8Array): void;
  onRequestOver(transactionId: Uint8Array): void;
  /** A valid path is no longer held: no check came on it for long, too many came after it, it ended, or the agent closed. */
  onPathForgotten?(path: PathId): void;
  /** The path of media from now on: selected, and proven. */
  onMediaPath(path: PathId, nowMs: number): void;
  /** No check under this local ufrag is accepted any more. */
  onUfragRetired?(ufrag: string): void;
  onStateChange(state: IceState, nowMs: number): void;
}

/** Running totals. */
export type IceAgentStats = Readonly<
  Record<'accepted' | 'refused' | 'noPath' | 'malformed' | 'replayed' | 'overLimit' | CheckDrop, number>
>;

/**
 * The lite side of ICE (RFC 8445 section 2.5): it answers the peer's checks, follows its nominations, and takes silence
 * for the end of its consent. It is always controlled, and looks for no path by itself: it only checks those that the peer uses, before media goes
 * there.
 */
export class IceLiteAgent {
  readonly #owner: IceAgentOwner;
  readonly #io: IceAgentOptions['paths'];
  readonly #paths = new ValidPaths();
  readonly #prover: PathProver;
  readonly #transactions = new SeenTransactions();
  readonly #stats = {
    accepted: 0,
    refused: 0,
    noPath: 0,
    malformed: 0,
    replayed: 0,
    overLimit: 0,
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

  constructor({ paths, local, remote, random, nowMs }: IceAgentOptions, owner: IceAgentOwner) {
    this.#owner = owner;
    this.#io = paths;
    this.#prover = new PathProver(random, {
      transmit: (datagram, path) => owner.transmit(datagram, path),
      onRequest: (transactionId) => owner.onRequest(transactionId),
      onRequestOver: (transactionId) => owner.onRequestOver(transactionId),
      onProven: (path, provenMs) => this.#proven(path, provenMs),
    });
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

  /** Path of media: the selected one, once it is proven. */
  get mediaPath(): PathId | undefined {
    return this.#selected?.isProven ? this.#selected.path : undefined;
  }

  /** All paths on which authentic checks came lately. */
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
    const message = parseStunMessage(bytes);
    if (message === undefined) {
      this.#stats.malformed++;
    } else if (message.messageClass === 'success') {
      if (!this.#prover.receive(message, bytes, this.#paths.find(path), nowMs)) this.#stats.unexpected++;
    } else {
      const check = authenticateCheck(message, bytes, this.#acceptedGenerations());
      if (typeof check === 'string') this.#stats[check]++;
      else this.#receiveCheck(check, bytes.length, path, nowMs);
    }
  }

  /** Any other datagram that came on `path`: while that is not proven, more may be sent there. */
  receiveOther(sizeBytes: number, path: PathId): void {
    if (this.mediaPath !== path) this.#paths.find(path)?.credit(sizeBytes);
  }

  /** Sends a datagram on the selected path, if there is one; while that is not proven, only as much as its limit allows. */
  send(datagram: Uint8Array): void {
    if (this.#selected?.spend(datagram.length)) this.#owner.transmit(datagram, this.#selected.path);
    else if (this.#selected) this.#stats.overLimit++;
  }

  /** The connection of a path broke: there is no point in waiting until the path is stale. */
  pathEnded(path: PathId, nowMs: number): void {
    const ended = this.#paths.find(path);
    if (ended === undefined) return;
    this.#paths.remove(ended);
    this.#forget(ended);
    if (ended !== this.#selected) return;
    this.#selected = undefined;
    const alive = this.#paths.bestAlive(nowMs);
    if (alive !== undefined) this.#select(alive, nowMs);
    else if (this.#state === 'connected') this.#enter('disconnected', nowMs);
  }

  /** Time when `timeout` has something to do, in the time of `receive`; Infinity if never. */
  deadline(): number {
    return Math.min(this.#prover.deadline(), this.#stateDeadline());
  }

  timeout(nowMs: number): void {
    this.#prover.timeout(nowMs);
    if (this.#state === 'connected' && this.#selected?.isStale(nowMs)) {
      const alive = this.#paths.bestAlive(nowMs);
      if (alive !== undefined && takesOver(alive, true, this.#selected, nowMs)) this.#select(alive, nowMs);
      else this.#enter('disconnected', nowMs);
    }
    if (nowMs < this.#stateDeadline()) return;
    if (this.#state === 'new' || this.#state === 'disconnected') this.#enter('failed', nowMs);
  }

  /** Silence of the peer for so long does not count: nothing listened. */
  excuse(excusedMs: number, nowMs: number): void {
    this.#lastCheckMs = Math.min(nowMs, this.#lastCheckMs + excusedMs);
    for (const path of this.#paths.all) path.excuse(excusedMs, nowMs);
  }

  close(nowMs: number): void {
    this.#enter('closed', nowMs);
    this.#selected = undefined;
    for (const path of this.#paths.clear()) this.#forget(path);
  }

  #stateDeadline(): number {
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

  #receiveCheck(check: AuthenticCheck, sizeBytes: number, path: PathId, nowMs: number): void {
    const { request, generation } = check;
    const objection = objectionTo(request);
    if (objection !== undefined) {
      this.#stats.refused++;
      this.#owner.transmit(writeCheckError(check, objection), path);
      return;
    }
    const known = this.#paths.find(path);
    const seenOn = this.#transactions.pathOf(request.transactionId);
    if (seenOn !== undefined && known?.path !== seenOn && !known?.isProven) {
      this.#stats.replayed++;
      return;
    }
    const checked = known ?? this.#addPath(path, nowMs);
    const remote = checked && this.#io.pathOf(checked.path);
    if (checked === undefined || remote === undefined) {
      this.#stats.noPath++;
      return;
    }
    this.#stats.accepted++;
    const isNominated = request.useCandidate === true && seenOn === undefined;
    if (isNominated && checked !== this.#selected) checked.doubt(nowMs);
    checked.credit(sizeBytes);
    this.#owner.onValidPath(checked.path);
    // Before the answer: what the peer sends once it is answered finds the path proven.
    this.#prover.challenge(checked, generation, nowMs);
    const answer = writeCheckSuccess(check, remote);
    if (checked.spend(answer.length)) this.#owner.transmit(answer, checked.path);
    if (seenOn === checked.path) return;
    if (generation === this.#generations[1]) this.#moveToNextGeneration(generation);
    if (seenOn === undefined) this.#transactions.add(request.transactionId, checked.path);
    checked.priority = request.priority ?? 0;
    this.#pathChecked(checked, isNominated, nowMs);
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
    this.#transactions.clear();
    this.#owner.onUfragRetired?.(retired.local.ufrag);
  }

  /** Holds a path. It is known already, under another number, if two of its packets came at once. */
  #addPath(path: PathId, nowMs: number): ValidPath | undefined {
    const held = this.#io.holdPath(path);
    if (held === undefined) return undefined;
    const known = this.#paths.find(held);
    if (known === undefined) return this.#paths.add(held, this.#io.pathOf(held)!, nowMs);
    this.#io.releasePath(held);
    return known;
  }

  #forget(forgotten: ValidPath): void {
    this.#prover.abandon(forgotten);
    this.#io.releasePath(forgotten.path);
    this.#owner.onPathForgotten?.(forgotten.path);
  }

  #pathChecked(checked: ValidPath, isNominated: boolean, nowMs: number): void {
    checked.lastCheckMs = nowMs;
    if (isNominated) checked.lastNominationMs = nowMs;
    this.#selectIfBetter(checked, isNominated, nowMs);
    for (const forgotten of this.#paths.evict(this.#selected, checked, nowMs)) this.#forget(forgotten);
    this.#heard(checked, nowMs);
  }

  #proven(path: ValidPath, nowMs: number): void {
    this.#owner.onProvenPath(path.path);
    if (path === this.#selected) return this.#owner.onMediaPath(path.path, nowMs);
    const isNominated = path.isNominated && path.lastNominationMs >= (this.#selected?.lastNominationMs ?? 0);
    this.#selectIfBetter(path, isNominated, nowMs);
    this.#heard(path, nowMs);
  }

  #selectIfBetter(path: ValidPath, isNominated: boolean, nowMs: number): void {
    const selected = this.#selected;
    const rebound = selected && isRebound(path, selected, nowMs) ? selected : undefined;
    if (!takesOver(path, isNominated || rebound !== undefined, selected, nowMs)) return;
    // The peer nominated its socket, and does not know its port.
    if (rebound) path.lastNominationMs = Math.max(path.lastNominationMs, rebound.lastNominationMs);
    this.#select(path, nowMs);
  }

  /** Checks from an address that may be forged are no sign of life, unless there is no other. */
  #heard(path: ValidPath, nowMs: number): void {
    if (path !== this.#selected && !path.isProven) return;
    this.#lastCheckMs = Math.max(this.#lastCheckMs, path.lastCheckMs);
    if (!this.#selected?.isStale(nowMs)) this.#enter('connected', nowMs);
  }

  #select(next: ValidPath, nowMs: number): void {
    this.#selected = next;
    if (next.isProven) this.#owner.onMediaPath(next.path, nowMs);
  }

  #enter(state: IceState, nowMs: number): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#owner.onStateChange(state, nowMs);
  }
}
