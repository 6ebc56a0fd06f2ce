import { NAMED_GROUP_PREFERENCE } from '../dtls/crypto/key-share.ts';
import { PEER_SIGNATURE_SCHEMES } from '../dtls/crypto/signature.ts';
import { SRTP_PROFILE_PREFERENCE, SRTP_PROFILES } from '../dtls/crypto/srtp-profile.ts';
import { CIPHER_SUITE } from '../dtls/handshake/negotiation.ts';
import { type ClientHello, NO_COMPRESSION } from '../dtls/messages/client-hello.ts';
import {
  type Extensions,
  ExtensionType,
  NO_RENEGOTIATION,
  UNCOMPRESSED_POINTS,
  writeUseSrtp,
} from '../dtls/messages/extensions.ts';
import { DTLS_1_2 } from '../dtls/record/record.ts';
import { uint16List } from '../dtls/vectors.ts';

/** Capabilities of a client, as code points. */
export interface DtlsOffer {
  readonly version: number;
  readonly cipherSuites: readonly number[];
  readonly groups: readonly number[];
  readonly signatureSchemes: readonly number[];
  readonly srtpProfiles: readonly number[];
  readonly extendedMasterSecret: boolean;
  /** Bytes of a padding extension, to make the ClientHello as long as a browser's (RFC 7685). */
  readonly paddingSize: number;
}

/** A browser's offer, as far as the server cares. */
export const BROWSER_OFFER: DtlsOffer = {
  version: DTLS_1_2,
  cipherSuites: [CIPHER_SUITE],
  groups: NAMED_GROUP_PREFERENCE,
  signatureSchemes: PEER_SIGNATURE_SCHEMES,
  srtpProfiles: SRTP_PROFILE_PREFERENCE.map((profile) => SRTP_PROFILES[profile].codePoint),
  extendedMasterSecret: true,
  paddingSize: 0,
};

const PADDING_EXTENSION = 21;

/** The first ClientHello, without a cookie. */
export function newClientHello(offer: DtlsOffer, random: Uint8Array): ClientHello {
  return {
    version: offer.version,
    random: Buffer.from(random),
    sessionId: Buffer.alloc(0),
    cookie: Buffer.alloc(0),
    cipherSuites: offer.cipherSuites,
    compressionMethods: NO_COMPRESSION,
    extensions: offeredExtensions(offer),
  };
}

function offeredExtensions(offer: DtlsOffer): Extensions {
  const extensions = new Map<number, Buffer>([
    [ExtensionType.renegotiationInfo, NO_RENEGOTIATION],
    [ExtensionType.supportedGroups, uint16List(offer.groups)],
    [ExtensionType.ecPointFormats, UNCOMPRESSED_POINTS],
    [ExtensionType.signatureAlgorithms, uint16List(offer.signatureSchemes)],
    [ExtensionType.useSrtp, writeUseSrtp(offer.srtpProfiles)],
  ]);
  if (offer.extendedMasterSecret) extensions.set(ExtensionType.extendedMasterSecret, Buffer.alloc(0));
  if (offer.paddingSize > 0) extensions.set(PADDING_EXTENSION, Buffer.alloc(offer.paddingSize));
  return extensions;
}
