import { createSecretKey, type KeyObject } from 'node:crypto';
import type { PathId } from '@rtcd/packet-io';
import { authenticateCheck, type IceGeneration, newGeneration, writeCheckSuccess } from '../ice/check.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import type { Random } from '../ports.ts';
import type { TransportAddress } from '../stun/address.ts';
import { BINDING } from '../stun/attributes.ts';
import { newTransactionId, writeBindingRequest } from '../stun/binding.ts';
import { verifyIntegrity } from '../stun/integrity.ts';
import { parseStunMessage, type StunMessage } from '../stun/message.ts';

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
  /** No check was answered for so long that consent to send has expired (RFC 7675 section 5.1). Called once. */
  onConsentExpired?(): void;
}

const FIRST_CHECKS_EVERY_MS = 50;
/** RFC 7675 section 5.1 asks for a consent check about every 5 s; browsers send one every 2.5 s. */
const CONSENT_CHECKS_EVERY_MS = 2_500;
/** RFC 7675 section 5.1. */
const CONSENT_MS = 30_000;
const PRIORITY = 0x7eff_ffff;
/** Checks that may still be answered. The first ones follow one another faster than a round trip may take. */
const MAX_PENDING_CHECKS = 256;

interface PendingCheck {
  readonly transactionId: Uint8Array;
  readonly path: PathId;
  readonly nominates: boolean;
}

/** The full, controlling side of ICE: checks the other side's candidates, nominates the first that answers, keeps consenting, and answers checks. */
export class IceClient {
  readonly #options: IceClientOptions;
  readonly #key: KeyObject;
  readonly #generation: IceGeneration;
  readonly #tieBreaker: bigint;
  /** Oldest first. */
  readonly #pending: PendingCheck[] = [];
  #isNominated = false;
  #paths: readonly PathId[];
  #isConnected = false;
  #nextCheckMs: number;
  /** Infinity until a check is answered, and after it has expired. */
  #consentUntilMs = Number.POSITIVE_INFINITY;

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
    const answered = message && this.#findCheck(message, datagram);
    if (answered === undefined) return;
    this.#consentUntilMs = nowMs + CONSENT_MS;
    if (this.#isNominated) return;
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
    if (nowMs >= this.#consentUntilMs) {
      this.#consentUntilMs = Number.POSITIVE_INFINITY;
      this.#options.onConsentExpired?.();
    }
    this.#nextCheckMs = nowMs + (this.#isNominated ? CONSENT_CHECKS_EVERY_MS : FIRST_CHECKS_EVERY_MS);
    for (const path of this.#paths) this.#check(path);
  }

  /** Finds our check that a message answers, if it is from the side that knows the password (RFC 8445 section 7.2.5). */
  #findCheck(message: StunMessage, datagram: Buffer): PendingCheck | undefined {
    if (message.messageClass !== 'success' || message.method !== BINDING) return undefined;
    const check = this.#pending.find(({ transactionId }) => Buffer.compare(message.transactionId, transactionId) === 0);
    return check && verifyIntegrity(datagram, message.integrityOffset, this.#key) ? check : undefined;
  }

  #check(path: PathId): void {
    const { local, remote, random, nominatesOnce, transmit } = this.#options;
    const transactionId = newTransactionId(random);
    const nominates = this.#paths.length === 1;
    this.#pending.push({ transactionId, path, nominates });
    if (this.#pending.length > MAX_PENDING_CHECKS) this.#pending.shift();
    const fields = {
      username: `${remote.ufrag}:${local.ufrag}`,
      priority: PRIORITY,
      useCandidate: nominates && !(nominatesOnce && this.#isNominated),
      iceControlling: this.#tieBreaker,
    };
    transmit(writeBindingRequest(transactionId, fields, this.#key), path);
  }
}
