import type { SessionDescription } from '@rtcd/protocol';
import { type Fingerprint, isSameFingerprint } from '../dtls/crypto/fingerprint.ts';
import type { RemoteDescription } from '../sdp/description.ts';
import { invalidSdp } from '../sdp/invalid.ts';
import type { KnownSections } from '../sdp/known-sections.ts';
import { parseDescription } from '../sdp/parse.ts';

/**
 * Reads a peer's description, and refuses one that no connection can come of. `association` is the certificate of the one
 * that there is: its roles are settled, regardless of later descriptions (RFC 8842 section 5.5), and webrtc-rs answers our
 * offers with the wrong one. Throws `RtcError` `invalid_sdp`.
 */
export function parsePeerDescription(
  description: SessionDescription,
  association?: Fingerprint,
  known?: KnownSections,
  maxSections?: number,
): RemoteDescription {
  const remote = parseDescription(description, known, maxSections);
  const { setup, fingerprint } = remote;
  if (setup !== 'passive' && setup !== 'holdconn') return remote;
  if (association && isSameFingerprint(fingerprint, association)) return remote;
  throw invalidSdp(`a=setup:${setup}, but the SFU is always the DTLS server: use actpass or active`);
}
