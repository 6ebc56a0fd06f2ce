import type { KeyObject } from 'node:crypto';
import type { Random } from '../ports.ts';
import type { TransportAddress } from './address.ts';
import { BINDING, TRANSACTION_ID_SIZE } from './attributes.ts';
import { parseStunMessage, type StunFields } from './message.ts';
import { writeStunMessage } from './write.ts';

/** Attributes of a connectivity check; all missing when a STUN server is asked for our public address. */
export type BindingRequestFields = Omit<StunFields, 'messageClass' | 'method' | 'transactionId'>;

/** A number that only a receiver of the request can repeat: 96 strong random bits (RFC 8489 section 5). */
export function newTransactionId(random: Random): Uint8Array {
  return random(TRANSACTION_ID_SIZE);
}

/** A Binding request: a connectivity check with fields and key, a question to a STUN server without. */
export function writeBindingRequest(
  transactionId: Uint8Array,
  fields: BindingRequestFields = {},
  key?: KeyObject,
): Buffer {
  return writeStunMessage({ ...fields, messageClass: 'request', method: BINDING, transactionId }, key);
}

/**
 * The source address of our request, as a STUN server saw it. Undefined for all that is not a success response to this very
 * transaction: the transaction id is all that keeps strangers from answering (RFC 8489 section 6.3.3).
 */
export function parseBindingResponse(datagram: Buffer, transactionId: Uint8Array): TransportAddress | undefined {
  return parseServerAnswer(datagram, transactionId)?.mapped;
}

/** Answer of a STUN server: the source address of our request, and the address from which it answers a CHANGE-REQUEST, if it can. */
export interface ServerAnswer {
  readonly mapped: TransportAddress;
  readonly other?: TransportAddress;
}

/** Reads the answer to a transaction, as `parseBindingResponse`. */
export function parseServerAnswer(datagram: Buffer, transactionId: Uint8Array): ServerAnswer | undefined {
  const message = parseStunMessage(datagram);
  if (message?.messageClass !== 'success' || message.method !== BINDING) return undefined;
  if (message.unknownRequired.length > 0 || Buffer.compare(message.transactionId, transactionId) !== 0)
    return undefined;
  const mapped = message.xorMappedAddress ?? message.mappedAddress;
  if (mapped === undefined) return undefined;
  return { mapped, ...(message.otherAddress && { other: message.otherAddress }) };
}
