import { RtcError } from '../errors.ts';

/** An 'invalid_sdp' that names the mistake in the SDP. */
export const invalidSdp = (what: string): RtcError => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
