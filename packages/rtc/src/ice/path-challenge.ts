import type { KeyObject } from 'node:crypto';
import type { Random } from '../ports.ts';
import { newTransactionId, writeBindingRequest } from '../stun/binding.ts';
import { shortTermKey, verifyIntegrity } from '../stun/integrity.ts';
import type { StunMessage } from '../stun/message.ts';
import type { IceCredentials } from './credentials.ts';

/** Priority of a peer-reflexive candidate with the highest local preference, which a check carries (RFC 8445 section 7.1.1). */
const PRIORITY = 0x6eff_ffff;

/** Wait before the first retransmission; each later wait is twice as long. Below the 500 ms of RFC 8445 section 14.3, since media waits for the answer. */
const FIRST_WAIT_MS = 100;
const MAX_TRANSMISSIONS = 7;

/** The two sides between which a challenge passes. */
export interface ChallengeParties {
  readonly local: IceCredentials;
  readonly remote: IceCredentials;
  /** Our tie-breaker, which never decides anything: a lite agent stays controlled. */
  readonly tieBreaker: bigint;
}

/**
 * A binding request of our own on one path, which only a peer that is there can answer, as the PATH_CHALLENGE of QUIC (RFC 9000 section 8.2):
 * its transaction id travels on that path alone, and the response is signed with the peer's password. It has the form of a consent check
 * (RFC 7675 section 5.1), which every full agent answers. A public STUN server at a forged address answers too, but cannot sign.
 */
export class PathChallenge {
  readonly transactionId: Uint8Array;
  readonly request: Buffer;
  readonly parties: ChallengeParties;
  readonly #remoteKey: KeyObject;
  #transmissions = 0;
  #dueMs: number;

  constructor(parties: ChallengeParties, random: Random, nowMs: number) {
    const { local, remote, tieBreaker } = parties;
    this.parties = parties;
    this.#remoteKey = shortTermKey(remote.pwd);
    this.transactionId = newTransactionId(random);
    this.request = writeBindingRequest(
      this.transactionId,
      { username: `${remote.ufrag}:${local.ufrag}`, priority: PRIORITY, iceControlled: tieBreaker },
      this.#remoteKey,
    );
    this.#dueMs = nowMs;
  }

  /** Reports whether all transmissions have gone out and the wait after the last one is over. */
  isOver(nowMs: number): boolean {
    return this.#transmissions >= MAX_TRANSMISSIONS && nowMs >= this.#dueMs;
  }

  /** Time of the next transmission, or of the end. */
  deadline(): number {
    return this.#dueMs;
  }

  /** Counts a transmission, whether or not the request may go out. */
  transmitted(nowMs: number): void {
    this.#dueMs = nowMs + FIRST_WAIT_MS * 2 ** this.#transmissions;
    this.#transmissions += 1;
  }

  /** Reports whether a success response is the peer's answer to this request. */
  isAnsweredBy(response: StunMessage, datagram: Buffer): boolean {
    return (
      Buffer.compare(response.transactionId, this.transactionId) === 0 &&
      response.unknownRequired.length === 0 &&
      verifyIntegrity(datagram, response.integrityOffset, this.#remoteKey)
    );
  }
}
