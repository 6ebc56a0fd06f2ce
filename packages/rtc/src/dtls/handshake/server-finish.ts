import { timingSafeEqual } from 'node:crypto';
import { exportSrtpKeys, finishedVerifyData } from '../crypto/key-schedule.ts';
import type { DtlsSrtpKeys } from '../dtls-owner.ts';
import { findFinished, writeFinished } from '../messages/finished.ts';
import { CHANGE_CIPHER_SPEC } from '../record/record-layer.ts';
import { type FlightPart, protectedMessage } from './flight.ts';
import { type AwaitingFinished, CLIENT_SEQ, SERVER_FINISHED_SEQ } from './server-state.ts';

/** End of the handshake. */
export type FinishOutcome =
  | { readonly kind: 'not_finished' }
  | { readonly kind: 'wrong' }
  | { readonly kind: 'finished'; readonly flight: readonly FlightPart[]; readonly keys: DtlsSrtpKeys };

/**
 * Looks for the client's Finished in an authentic handshake record. If it shows that both have seen the same handshake
 * (RFC 5246 section 7.4.9), comes to our own, which is flight 6, and to the keys for the media.
 */
export function finishHandshake(state: AwaitingFinished, payload: Uint8Array): FinishOutcome {
  const { helloSeq, master, randoms, srtpProfile, transcript } = state;
  const clientSeq = helloSeq + CLIENT_SEQ.finished;
  const finished = findFinished(payload, clientSeq);
  if (finished === undefined) return { kind: 'not_finished' };
  const expected = finishedVerifyData(master, 'client', transcript.copy().digest());
  if (!timingSafeEqual(finished.body, expected)) return { kind: 'wrong' };

  const transcriptHash = transcript.copy().update(writeFinished(clientSeq, finished.body)).digest();
  const answer = writeFinished(helloSeq + SERVER_FINISHED_SEQ, finishedVerifyData(master, 'server', transcriptHash));
  const keys = exportSrtpKeys(master, randoms, srtpProfile);
  return {
    kind: 'finished',
    flight: [CHANGE_CIPHER_SPEC, protectedMessage(answer)],
    keys: { local: keys.server, remote: keys.client },
  };
}
