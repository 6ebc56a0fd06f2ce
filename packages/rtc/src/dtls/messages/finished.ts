import { VERIFY_DATA_SIZE } from '../crypto/key-schedule.ts';
import {
  type HandshakeFragment,
  HandshakeType,
  parseHandshakeFragments,
  writeHandshakeMessage,
} from './handshake-message.ts';

/** The whole Finished message, if the protected handshake record carries one: it is never fragmented (RFC 5246 section 7.4.9). */
export function findFinished(payload: Uint8Array, messageSeq: number): HandshakeFragment | undefined {
  return parseHandshakeFragments(payload).find(
    (fragment) =>
      fragment.type === HandshakeType.finished &&
      fragment.messageSeq === messageSeq &&
      fragment.length === VERIFY_DATA_SIZE &&
      fragment.body.length === VERIFY_DATA_SIZE,
  );
}

export function writeFinished(messageSeq: number, verifyData: Uint8Array): Buffer {
  return writeHandshakeMessage(HandshakeType.finished, messageSeq, verifyData);
}
