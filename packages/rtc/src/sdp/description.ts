import type { Fingerprint } from '../dtls/crypto/fingerprint.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { IceCredentials } from '../ice/credentials.ts';

/** Upper bound on the sections of a description, either side's. A section that a peer refuses keeps its place permanently. */
export const MAX_SECTIONS = 2048;

export type MediaKind = 'audio' | 'video' | 'application';
/** Direction of the media of an m-section (RFC 8866 6.7), as the side that writes the description sees it. */
export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** A media format: everything that determines how payloads are decoded. */
export interface Format {
  /** For example `audio/opus`. */
  readonly mimeType: string;
  readonly clockRate: number;
  readonly channels?: number;
  /** The text of a=fmtp. */
  readonly parameters?: string;
  /** Payloads may have its redundant form (RFC 2198). */
  readonly hasRed?: boolean;
}

/** One RTP payload format of an m-section (RFC 8866 a=rtpmap, a=fmtp, a=rtcp-fb). */
export interface Codec extends Format {
  readonly payloadType: number;
  readonly parameters: string;
  /** The texts of a=rtcp-fb, for example `nack pli`. */
  readonly feedback: readonly string[];
  /** The number of its retransmissions (RFC 4588), where they have a stream of their own. */
  readonly rtxPayloadType?: number;
  /** Its redundant form (RFC 2198), of audio. */
  readonly red?: RedFormat;
}

/** The redundant form of a codec: payloads that repeat earlier ones. */
export interface RedFormat {
  readonly payloadType: number;
  /** It precedes the plain form: the side that sends prefers it. */
  readonly isPreferred: boolean;
}

/** RFC 8285 a=extmap. */
export interface HeaderExtension {
  readonly id: number;
  readonly uri: string;
}

/** RFC 8841: the SCTP association of a data channel section. */
export interface SctpParameters {
  readonly port: number;
  readonly maxMessageSize: number;
}

/** The parts that both sides' m-sections have. */
export interface MediaSection {
  readonly mid: string;
  readonly kind: MediaKind;
  /** Port 0 without bundle-only: the section is never used again. */
  readonly rejected: boolean;
  readonly direction: Direction;
  readonly codecs: readonly Codec[];
  readonly extensions: readonly HeaderExtension[];
  /** Packets may have header extensions in either form (RFC 8285 a=extmap-allow-mixed). */
  readonly allowsMixedExtensions: boolean;
  /** The ids of the encodings that the peer sends at once, in the order of its a=simulcast (RFC 8851, RFC 8853). Empty without simulcast. */
  readonly rids: readonly string[];
  readonly sctp?: SctpParameters;
}

/** A section of a description from the peer. */
export interface RemoteSection extends MediaSection {
  /** Empty where a rejected section has none: then its place identifies it. */
  readonly mid: string;
  /** It goes over the one transport that there is. */
  readonly bundled: boolean;
  /** The first id of a=msid: the MediaStream of what the peer sends here. */
  readonly streamId: string;
  /** The second id of a=msid. */
  readonly trackId: string;
  /** RFC 5576: the synchronization sources that the peer announces, in order: of a simulcast by SSRCs in the order of its SIM group. */
  readonly ssrcs: readonly number[];
  /** The retransmission stream of each of them that has one (RFC 4588 section 8.3, ssrc-group FID). */
  readonly rtxSsrcs: ReadonlyMap<number, number>;
}

/** RFC 8866 o= line: the session id is that of one endpoint, and the version grows with each of its descriptions. */
export interface Origin {
  readonly sessionId: string;
  readonly version: bigint;
}

/** The peer's transport in a description: that of the BUNDLE (RFC 9143). */
export interface RemoteParameters {
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  /** Candidates that the description contains. Others may follow. */
  readonly candidates: readonly Candidate[];
  /** SCTP port of the first data channel section, if there is one. */
  readonly sctp: SctpParameters | undefined;
}

/** A description of the peer, checked. */
export interface RemoteDescription extends RemoteParameters {
  readonly type: 'offer' | 'answer';
  /** Undefined if it cannot be read: nothing depends on it but the order of descriptions. */
  readonly origin: Origin | undefined;
  /** Sides that may be the DTLS client (RFC 4145, RFC 8842 section 5); undefined if nothing is announced. */
  readonly setup: string | undefined;
  /** The mids of the BUNDLE group in its order, the tagged one first. Without a group there is none. */
  readonly bundle: readonly string[] | undefined;
  readonly sections: readonly RemoteSection[];
}

/** Track that we announce on a section (RFC 8830 a=msid, RFC 5576 a=ssrc). */
export interface SendingTrack {
  readonly streamId: string;
  readonly trackId: string;
  readonly ssrc: number;
  /** SSRC of its retransmissions, where they have a stream of their own. */
  readonly rtxSsrc?: number;
}

export interface LocalSection extends MediaSection {
  readonly sending?: SendingTrack;
}

export interface LocalDescription {
  readonly type: 'offer' | 'answer';
  /** RFC 8866 o= line: the session id stays, the version grows with each description. */
  readonly sessionId: string;
  readonly sessionVersion: number;
  readonly ice: IceCredentials;
  readonly fingerprint: Fingerprint;
  readonly candidates: readonly Candidate[];
  /** The mids of the BUNDLE group in its order, the tagged one first; undefined for a peer that does not bundle. */
  readonly bundle: readonly string[] | undefined;
  readonly sections: readonly LocalSection[];
}

export const sends = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
export const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

export function directionOf(send: boolean, receive: boolean): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}
