import { check } from '@rtcd/boundary';
import * as z from 'zod';
import { checkArgument } from './errors.ts';
import { decodeJson, encodeJson } from './json.ts';
import { MAX_ICE_CANDIDATE_BYTES, MAX_ID_LENGTH } from './limits.ts';
import { parseShape } from './schema.ts';

/** RTCIceCandidateInit (WebRTC, section 4.8.1.1). An empty `candidate` marks the end of candidates. */
export interface IceCandidateInit {
  readonly candidate: string;
  readonly sdpMid?: string | null;
  readonly sdpMLineIndex?: number | null;
  readonly usernameFragment?: string | null;
}

const iceCandidateInitSchema = z.object({
  candidate: z.string(),
  sdpMid: z.string().max(MAX_ID_LENGTH).nullish(),
  sdpMLineIndex: z.int().min(0).max(0xffff).nullish(),
  usernameFragment: z.string().max(256).nullish(), // RFC 8839 section 5.4: 4 to 256 characters
});

const trickledCandidateSchema = z
  .object({ type: z.literal('candidate'), candidate: iceCandidateInitSchema })
  .transform(({ candidate }) => candidate);

const iceCandidateInitCheck = check.object<IceCandidateInit>({
  candidate: check.string,
  sdpMid: check.nullish(check.string),
  sdpMLineIndex: check.nullish(check.integer(0, 0xffff)),
  usernameFragment: check.nullish(check.string),
});

/** `data` of an rtc message of type ICE to the peer: `{"type":"candidate","candidate":{...}}`. */
export function encodeIceCandidate(candidate: IceCandidateInit): Uint8Array {
  return encodeJson({ type: 'candidate', candidate: fields(candidate) });
}

/** `data` of an rtc message of type ICE from the peer: the candidate init alone. */
export function encodeIceCandidateInit(candidate: IceCandidateInit): Uint8Array {
  return encodeJson(fields(candidate));
}

/** Reads the `data` of an rtc message of type ICE in the form of either direction. Throws `ProtocolError`. */
export function decodeIceCandidate(data: Uint8Array): IceCandidateInit {
  const value = decodeJson(data, MAX_ICE_CANDIDATE_BYTES);
  const wrapped = typeof value === 'object' && value !== null && 'type' in value;
  return parseShape(wrapped ? trickledCandidateSchema : iceCandidateInitSchema, value, 'ICE candidate');
}

function fields(init: IceCandidateInit): IceCandidateInit {
  checkArgument('candidate', init, iceCandidateInitCheck);
  const { candidate, sdpMid, sdpMLineIndex, usernameFragment } = init;
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}
