import type { KeyObject } from 'node:crypto';
import type { TransportAddress } from '../stun/address.ts';
import { BINDING } from '../stun/attributes.ts';
import { shortTermKey, verifyIntegrity } from '../stun/integrity.ts';
import type { StunFields, StunMessage } from '../stun/message.ts';
import { writeStunMessage } from '../stun/write.ts';
import type { IceCredentials } from './credentials.ts';

/** Credentials between two restarts. */
export interface IceGeneration {
  readonly local: IceCredentials;
  /** Undefined while the peer's description is on its way: its checks may be faster. */
  remote: IceCredentials | undefined;
  readonly key: KeyObject;
}

export function newGeneration(local: IceCredentials, remote: IceCredentials | undefined): IceGeneration {
  return { local, remote, key: shortTermKey(local.pwd) };
}

/** Reasons for which a message was not accepted as a check of the peer. None of these is answered. */
export type CheckDrop = 'unexpected' | 'wrongUsername' | 'unauthentic';

export interface AuthenticCheck {
  readonly request: StunMessage;
  readonly generation: IceGeneration;
}

/**
 * Finds out whether a message is a connectivity check from a sender that knows our password (RFC 8445 section 7.3, RFC 8489
 * section 9.1.3). Where the RFC answers errors 400 and 401 we are silent: a stranger learns nothing, and cannot use us
 * to send bytes to a third party.
 */
export function authenticateCheck(
  request: StunMessage,
  datagram: Buffer,
  generations: readonly IceGeneration[],
): AuthenticCheck | CheckDrop {
  if (request.messageClass !== 'request' || request.method !== BINDING) return 'unexpected';

  const generation = generations.find((candidate) => isUsername(request.username, candidate));
  if (generation === undefined) return 'wrongUsername';
  return verifyIntegrity(datagram, request.integrityOffset, generation.key) ? { request, generation } : 'unauthentic';
}

function isUsername(username: string | undefined, { local, remote }: IceGeneration): boolean {
  if (username === undefined) return false;
  if (remote !== undefined) return username === `${local.ufrag}:${remote.ufrag}`;
  return username.startsWith(`${local.ufrag}:`);
}

/** Error response to an authentic check that cannot be accepted. */
export function objectionTo(request: StunMessage): Partial<StunFields> | undefined {
  if (request.unknownRequired.length > 0) {
    const unknownAttributes = request.unknownRequired;
    return { errorCode: { code: 420, reason: 'Unknown Attribute' }, unknownAttributes };
  }
  // A lite agent stays controlled regardless of the tie-breakers: the full one controls (RFC 8445 section 6.1.1).
  if (request.iceControlled !== undefined) return { errorCode: { code: 487, reason: 'Role Conflict' } };
  return undefined;
}

export function writeCheckError({ request, generation }: AuthenticCheck, objection: Partial<StunFields>): Buffer {
  const { method, transactionId } = request;
  return writeStunMessage({ ...objection, messageClass: 'error', method, transactionId }, generation.key);
}

/** Tells the peer, authenticated, which of its addresses we saw (RFC 8445 section 7.3.1.2). */
export function writeCheckSuccess({ request, generation }: AuthenticCheck, from: TransportAddress): Buffer {
  const { method, transactionId } = request;
  return writeStunMessage({ messageClass: 'success', method, transactionId, xorMappedAddress: from }, generation.key);
}
