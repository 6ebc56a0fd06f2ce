import type { SessionDescription } from '@rtcd/protocol';
import type { RemoteDescription } from '../sdp/description.ts';
import { invalidSdp } from '../sdp/invalid.ts';
import { parseDescription } from '../sdp/parse.ts';

/** Reads a peer's description, and refuses one that no connection can come of. Throws `RtcError` 'invalid_sdp'. */
export function parsePeerDescription(description: SessionDescription): RemoteDescription {
  const remote = parseDescription(description);
  if (remote.setup === 'passive' || remote.setup === 'holdconn') {
    throw invalidSdp(
      `a=setup:${remote.setup}, but the SFU is the DTLS server of every connection; say actpass or active`,
    );
  }
  return remote;
}
