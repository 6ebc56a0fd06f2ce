import type { PathId } from '@rtcd/packet-io';
import type { Random } from '../ports.ts';
import type { StunMessage } from '../stun/message.ts';
import type { IceGeneration } from './check.ts';
import { PathChallenge } from './path-challenge.ts';
import type { ValidPath } from './valid-path.ts';

export interface PathProverOwner {
  /** Sends a request; the datagram is the callee's. */
  transmit(datagram: Uint8Array, path: PathId): void;
  /** A response with this transaction id is for this agent, until the request is over. */
  onRequest(transactionId: Uint8Array): void;
  onRequestOver(transactionId: Uint8Array): void;
  /** The peer is at the path's address. */
  onProven(path: ValidPath, nowMs: number): void;
}

/** Has the peer prove that it is at the addresses which its checks come from: sends checks of our own there, and repeats them. */
export class PathProver {
  readonly #random: Random;
  readonly #tieBreaker: bigint;
  readonly #owner: PathProverOwner;
  readonly #challenged = new Set<ValidPath>();
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(random: Random, owner: PathProverOwner) {
    this.#random = random;
    this.#tieBreaker = Buffer.from(random(8)).readBigUInt64BE();
    this.#owner = owner;
  }

  /** A check of the peer came on the path: unless the path is proven, or about to be, it is answered by one of ours (RFC 8445 section 7.3.1.4). */
  challenge(path: ValidPath, { local, remote }: IceGeneration, nowMs: number): void {
    if (path.isProven || remote === undefined) return;
    const parties = path.challenge?.parties;
    if (parties?.local === local && parties.remote === remote) return;
    this.abandon(path);
    path.challenge = new PathChallenge({ local, remote, tieBreaker: this.#tieBreaker }, this.#random, nowMs);
    this.#challenged.add(path);
    this.#owner.onRequest(path.challenge.transactionId);
    this.#transmit(path, path.challenge, nowMs);
    this.#arm();
  }

  /** Returns false for a response to no request of ours on this path. */
  receive(response: StunMessage, datagram: Buffer, path: ValidPath | undefined, nowMs: number): boolean {
    if (!path?.challenge?.isAnsweredBy(response, datagram)) return false;
    this.abandon(path);
    path.prove(nowMs);
    this.#owner.onProven(path, nowMs);
    return true;
  }

  /** Waits for no answer on this path any more. */
  abandon(path: ValidPath): void {
    if (path.challenge === undefined) return;
    this.#owner.onRequestOver(path.challenge.transactionId);
    path.challenge = undefined;
    this.#challenged.delete(path);
    this.#arm();
  }

  deadline(): number {
    return this.#dueMs;
  }

  timeout(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    for (const path of [...this.#challenged]) {
      const { challenge } = path;
      if (challenge === undefined || nowMs < challenge.deadline()) continue;
      if (challenge.isOver(nowMs)) this.abandon(path);
      else this.#transmit(path, challenge, nowMs);
    }
    this.#arm();
  }

  #transmit(path: ValidPath, challenge: PathChallenge, nowMs: number): void {
    challenge.transmitted(nowMs);
    if (path.spend(challenge.request.length)) this.#owner.transmit(challenge.request, path.path);
  }

  /** Kept rather than computed when asked for: that is after every packet. */
  #arm(): void {
    this.#dueMs = Math.min(...Array.from(this.#challenged, ({ challenge }) => challenge!.deadline()));
  }
}
