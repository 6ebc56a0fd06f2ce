import { createSecretKey, type KeyObject } from 'node:crypto';
import type { PathId } from '@rtcd/packet-io';
import { authenticateCheck, type IceGeneration, newGeneration, writeCheckSuccess } from '../../ice/check.ts';
import type { IceCredentials } from '../../ice/credentials.ts';
import type { Random } from '../../ports.ts';
import type { TransportAddress } from '../../stun/address.ts';
import { newTransactionId, parseBindingResponse, writeBindingRequest } from '../../stun/binding.ts';
import { parseStunMessage } from '../../stun/message.ts';

export interface IceClientOptions {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
  readonly random: Random;
  /** Leaves USE-CANDIDATE out once a path is nominated. */
  readonly nominatesOnce: boolean;
  /** Paths to the other side's candidates. The first one that answers is used. */
  readonly paths: readonly PathId[];
  /** The remote address of a path. */
  addressOf(path: PathId): TransportAddress | undefined;
  transmit(datagram: Uint8Array, path: PathId): void;
  /** A path was checked for the first time. */
  onConnected(path: PathId): void;
}

const FIRST_CHECKS_EVERY_MS = 50;
/** RFC 7675 section 5.1 asks for a consent check about every 5 s; browsers send one every 2.5 s. */
const CONSENT_CHECKS_EVERY_MS = 2_500;
const PRIORITY = 0x7eff_ffff;

/** The full, controlling side of ICE: checks the other side's candidates, nominates the first that answers, keeps consenting, and answers checks. */
export class IceClient {
  readonly #options: IceClientOptions;
  readonly #key: KeyObject;
  readonly #generation: IceGeneration;
  readonly #tieBreaker: bigint;
  /** The first checks, which follow one another faster than a round trip may take, by their path. */
  readonly #pending: { readonly transactionId: Uint8Array; readonly path: PathId; readonly nominates: boolean }[] = [];
  #isNominated = false;
  #paths: readonly PathId[];
  #isConnected = false;
  #nextCheckMs: number;

  constructor(options: IceClientOptions, nowMs: number) {
    this.#options = options;
    this.#key = createSecretKey(Buffer.from(options.remote.pwd));
    this.#generation = newGeneration(options.local, options.remote);
    this.#tieBreaker = Buffer.from(options.random(8)).readBigUInt64BE();
    this.#paths = options.paths;
    this.#nextCheckMs = nowMs;
  }

  receive(datagram: Buffer, path: PathId, nowMs: number): void {
    const message = parseStunMessage(datagram);
    if (message?.messageClass === 'request') {
      const check = authenticateCheck(message, datagram, [this.#generation]);
      const from = this.#options.addressOf(path);
      if (typeof check !== 'string' && from) this.#options.transmit(writeCheckSuccess(check, from), path);
      return;
    }
    if (this.#isNominated) return;
    const answered = this.#pending.find(({ transactionId }) => parseBindingResponse(datagram, transactionId));
    if (answered === undefined) return;
    this.#isNominated = answered.nominates;
    if (this.#isConnected) return;
    this.#isConnected = true;
    if (!answered.nominates) this.moveTo([answered.path], nowMs);
    this.#options.onConnected(answered.path);
  }

  /** Uses other paths, and checks them at once. */
  moveTo(paths: readonly PathId[], nowMs: number): void {
    this.#paths = paths;
    this.#nextCheckMs = nowMs;
  }

  deadline(): number {
    return this.#nextCheckMs;
  }

  timeout(nowMs: number): void {
    if (nowMs < this.#nextCheckMs) return;
    this.#nextCheckMs = nowMs + (this.#isNominated ? CONSENT_CHECKS_EVERY_MS : FIRST_CHECKS_EVERY_MS);
    for (const path of this.#paths) this.#check(path);
  }

  #check(path: PathId): void {
    const { local, remote, random, nominatesOnce, transmit } = this.#options;
    const transactionId = newTransactionId(random);
    const nominates = this.#paths.length === 1;
    if (!this.#isNominated) this.#pending.push({ transactionId, path, nominates });
    const fields = {
      username: `${remote.ufrag}:${local.ufrag}`,
      priority: PRIORITY,
      useCandidate: nominates && !(nominatesOnce && this.#isNominated),
      iceControlling: this.#tieBreaker,
    };
    transmit(writeBindingRequest(transactionId, fields, this.#key), path);
  }
}
