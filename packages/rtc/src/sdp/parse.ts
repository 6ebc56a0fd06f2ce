import type { SessionDescription } from '@rtcd/protocol';
import { isSupportedFingerprint } from '../dtls/crypto/fingerprint.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import type { Fingerprint, RemoteDescription } from './description.ts';
import { invalidSdp } from './invalid.ts';
import { allOf, detached, firstOf, readBlocks, type SdpBlock } from './lines.ts';
import { parseSection } from './parse-section.ts';

// A call of 500 puts some 500 sections of 500 bytes into one description.
const MAX_SDP_CHARACTERS = 1 << 20;

/** RFC 8839 section 5.4: ice-char, 4 to 256 and 22 to 256 of them. */
const UFRAG = /^[0-9A-Za-z+/]{4,256}$/;
const PWD = /^[0-9A-Za-z+/]{22,256}$/;

/** Checks a peer's SDP and keeps what we act on. Throws `RtcError` 'invalid_sdp' saying what is wrong. */
export function parseDescription({ type, sdp }: SessionDescription): RemoteDescription {
  if (sdp.length > MAX_SDP_CHARACTERS) throw invalidSdp('longer than 1 MiB');
  const [session, ...media] = readBlocks(sdp);
  if (media.length === 0) throw invalidSdp('no media section');

  const sections = media.map(parseSection);
  if (new Set(sections.map(({ mid }) => mid)).size !== sections.length) throw invalidSdp('a mid stands twice');

  // RFC 9143 section 7.2: the transport of the bundle is that of its first section.
  const carrier = media[sections.findIndex((section) => !section.rejected)];
  if (!carrier) throw invalidSdp('every media section is rejected');
  return {
    type,
    ice: parseIceCredentials([carrier, session!]),
    fingerprint: parseFingerprint([carrier, session!]),
    sctp: sections.find(({ sctp, rejected }) => sctp && !rejected)?.sctp,
    sections,
  };
}

/** Of the section, or else of the session. */
type Scopes = readonly [carrier: SdpBlock, session: SdpBlock];

function parseIceCredentials([carrier, session]: Scopes): IceCredentials {
  const ufrag = firstOf(carrier, 'ice-ufrag') ?? firstOf(session, 'ice-ufrag') ?? '';
  const pwd = firstOf(carrier, 'ice-pwd') ?? firstOf(session, 'ice-pwd') ?? '';
  if (!UFRAG.test(ufrag) || !PWD.test(pwd)) throw invalidSdp('no valid ICE credentials');
  return { ufrag: detached(ufrag), pwd: detached(pwd) };
}

/** RFC 8122 section 5: there may be several, of several algorithms; one that we can check will do. */
function parseFingerprint([carrier, session]: Scopes): Fingerprint {
  const lines = allOf(carrier, 'fingerprint');
  for (const line of lines.length > 0 ? lines : allOf(session, 'fingerprint')) {
    const [algorithm = '', value = ''] = line.trim().split(/ +/, 2);
    const fingerprint = { algorithm: detached(algorithm.toLowerCase()), value: detached(value.toUpperCase()) };
    if (isSupportedFingerprint(fingerprint)) return fingerprint;
  }
  throw invalidSdp('no DTLS fingerprint that is SHA-256, SHA-384 or SHA-512');
}
