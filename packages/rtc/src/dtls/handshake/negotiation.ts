import type { SrtpProfile } from '@rtcd/packet-io';
import { NAMED_GROUP_PREFERENCE, type NamedGroup } from '../crypto/key-share.ts';
import { SignatureScheme } from '../crypto/signature.ts';
import { SRTP_PROFILE_PREFERENCE, SRTP_PROFILES } from '../crypto/srtp-profile.ts';
import type { ClientHello } from '../messages/client-hello.ts';
import {
  type Extensions,
  ExtensionType,
  NO_RENEGOTIATION,
  parseCodePoints,
  parseUseSrtp,
  UNCOMPRESSED_POINTS,
  writeUseSrtp,
} from '../messages/extensions.ts';
import { DTLS_1_2 } from '../record/record.ts';

/** TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256 (RFC 5289): every WebRTC implementation must have it (RFC 8827 section 6.5). */
export const CIPHER_SUITE = 0xc02b;
/** TLS_EMPTY_RENEGOTIATION_INFO_SCSV: an empty renegotiation_info in the form of a cipher suite (RFC 5746 section 3.3). */
const EMPTY_RENEGOTIATION_INFO = 0x00ff;
const VERSION_MAJOR = 0xfe;

/** Parameters that both sides support, and the ServerHello that announces them. */
export interface Agreement {
  readonly group: NamedGroup;
  readonly srtpProfile: SrtpProfile;
  readonly extensions: Extensions;
}

/** Undefined if the client lacks something that we insist on. */
export function negotiate(hello: ClientHello): Agreement | undefined {
  const offered = hello.extensions;
  const groups = parseCodePoints(offered.get(ExtensionType.supportedGroups));
  const schemes = parseCodePoints(offered.get(ExtensionType.signatureAlgorithms));
  const profiles = parseUseSrtp(offered.get(ExtensionType.useSrtp));
  const group = NAMED_GROUP_PREFERENCE.find((candidate) => groups.includes(candidate));
  const srtpProfile = SRTP_PROFILE_PREFERENCE.find((candidate) =>
    profiles.includes(SRTP_PROFILES[candidate].codePoint),
  );
  const acceptable =
    hello.version >>> 8 === VERSION_MAJOR &&
    hello.version <= DTLS_1_2 &&
    hello.cipherSuites.includes(CIPHER_SUITE) &&
    hello.compressionMethods.includes(0) &&
    schemes.includes(SignatureScheme.ecdsaSecp256r1Sha256) &&
    offered.get(ExtensionType.extendedMasterSecret)?.length === 0 &&
    isFirstHandshake(offered);
  if (!acceptable || group === undefined || srtpProfile === undefined) return undefined;
  return { group, srtpProfile, extensions: answer(hello, srtpProfile) };
}

function answer(hello: ClientHello, srtpProfile: SrtpProfile): Extensions {
  const extensions = new Map([
    [ExtensionType.extendedMasterSecret as number, Buffer.alloc(0)],
    [ExtensionType.useSrtp, writeUseSrtp([SRTP_PROFILES[srtpProfile].codePoint])],
  ]);
  if (hello.extensions.has(ExtensionType.ecPointFormats))
    extensions.set(ExtensionType.ecPointFormats, UNCOMPRESSED_POINTS);
  if (hello.extensions.has(ExtensionType.renegotiationInfo) || hello.cipherSuites.includes(EMPTY_RENEGOTIATION_INFO)) {
    extensions.set(ExtensionType.renegotiationInfo, NO_RENEGOTIATION);
  }
  return extensions;
}

/** RFC 5746 section 3.6: what is not empty would be a renegotiation, and we have nothing to renegotiate. */
function isFirstHandshake(offered: Extensions): boolean {
  const info = offered.get(ExtensionType.renegotiationInfo);
  return info === undefined || info.equals(NO_RENEGOTIATION);
}
