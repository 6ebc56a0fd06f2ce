import { createSecretKey, type KeyObject } from 'node:crypto';
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
  /** Address that it checks. */
  readonly to: TransportAddress;
  transmit(datagram: Uint8Array): void;
  onConnected(): void;
}

const FIRST_CHECKS_EVERY_MS = 50;
/** RFC 7675 section 5.1 asks for a consent check about every 5 s; browsers send one every 2.5 s. */
const CONSENT_CHECKS_EVERY_MS = 2_500;
const PRIORITY = 0x7eff_ffff;

/** The full, controlling side of ICE towards one address: it checks, nominates at once, keeps consenting, and answers checks. */
export class IceClient {
  readonly #options: IceClientOptions;
  readonly #key: KeyObject;
  readonly #generation: IceGeneration;
  readonly #tieBreaker: bigint;
  /** Interval of the first checks, which follow one another faster than a round trip may take. */
  readonly #transactionIds: Uint8Array[] = [];
  #isConnected = false;
  #nextCheckMs: number;

  constructor(options: IceClientOptions, nowMs: number) {
    this.#options = options;
    this.#key = createSecretKey(Buffer.from(options.remote.pwd));
    this.#generation = newGeneration(options.local, options.remote);
    this.#tieBreaker = Buffer.from(options.random(8)).readBigUInt64BE();
    this.#nextCheckMs = nowMs;
  }

  receive(datagram: Buffer): void {
    const message = parseStunMessage(datagram);
    if (message?.messageClass === 'request') {
      const check = authenticateCheck(message, datagram, [this.#generation]);
      if (typeof check !== 'string') this.#options.transmit(writeCheckSuccess(check, this.#options.to));
      return;
    }
    if (this.#isConnected) return;
    if (!this.#transactionIds.some((transactionId) => parseBindingResponse(datagram, transactionId))) return;
    this.#isConnected = true;
    this.#options.onConnected();
  }

  /** Does not wait for the next check to be due: the way there has changed. */
  checkNow(nowMs: number): void {
    this.#nextCheckMs = nowMs;
  }

  deadline(): number {
    return this.#nextCheckMs;
  }

  timeout(nowMs: number): void {
    if (nowMs < this.#nextCheckMs) return;
    const { local, remote, random, transmit } = this.#options;
    this.#nextCheckMs = nowMs + (this.#isConnected ? CONSENT_CHECKS_EVERY_MS : FIRST_CHECKS_EVERY_MS);
    const transactionId = newTransactionId(random);
    if (!this.#isConnected) this.#transactionIds.push(transactionId);
    const fields = {
      username: `${remote.ufrag}:${local.ufrag}`,
      priority: PRIORITY,
      useCandidate: true,
      iceControlling: this.#tieBreaker,
    };
    transmit(writeBindingRequest(transactionId, fields, this.#key));
  }
}
