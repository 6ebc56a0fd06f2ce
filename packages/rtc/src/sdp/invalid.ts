import { RtcError } from '../errors.ts';

/** An 'invalid_sdp' that says what is wrong with the SDP. */
export const invalidSdp = (what: string): RtcError => new RtcError('invalid_sdp', `invalid SDP: ${what}`);
