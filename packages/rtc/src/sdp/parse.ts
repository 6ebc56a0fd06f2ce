import type { SessionDescription } from '@rtcd/protocol';
import { type Fingerprint, isSupportedFingerprint } from '../dtls/crypto/fingerprint.ts';
import { type Candidate, parseCandidate } from '../ice/candidate.ts';
import type { IceCredentials } from '../ice/credentials.ts';
import { MAX_SECTIONS, type Origin, type RemoteDescription } from './description.ts';
import { invalidSdp } from './invalid.ts';
import { KnownSections } from './known-sections.ts';
import { allOf, detached, firstOf, hasMoreLines, readBlock, type SdpBlock, splitSections } from './lines.ts';
import type { ParsedSection } from './parse-section.ts';

// A call of 500 puts some 500 sections of 500 bytes into one description.
const MAX_SDP_CHARACTERS = 1 << 20;

// The lines of genuine descriptions are about 30 characters long.
const MAX_LINES = 40_000;

const MAX_CANDIDATES = 32;

/** RFC 8866 section 5.2. */
const ORIGIN = /^v=0\r?\no=\S+ (\d{1,20}) (\d{1,20}) /;
const MAX_ORIGIN_CHARACTERS = 512;

/** RFC 8839 section 5.4: ice-char, 4 to 256 and 22 to 256 of them. */
const UFRAG = /^[0-9A-Za-z+/]{4,256}$/;
const PWD = /^[0-9A-Za-z+/]{22,256}$/;

/**
 * Checks a peer's SDP and keeps what we act on, with the sections that its last one had too. Refuses one that is too long, or has too many lines or
 * sections, before it reads them. Throws `RtcError` `invalid_sdp` saying what is wrong.
 */
export function parseDescription(
  { type, sdp }: SessionDescription,
  known = new KnownSections(),
  maxSections = MAX_SECTIONS,
): RemoteDescription {
  if (sdp.length > MAX_SDP_CHARACTERS) throw invalidSdp('longer than 1 MiB');
  const [sessionText, ...texts] = splitSections(sdp, maxSections);
  if (hasMoreLines(sdp, MAX_LINES)) throw invalidSdp(`more than ${MAX_LINES} lines`);
  if (texts.length === 0) throw invalidSdp('no media section');

  const session = readBlock(sessionText);
  const parsed = known.parse(texts);
  const mids = parsed.flatMap(({ mid }) => (mid === '' ? [] : [mid]));
  if (new Set(mids).size !== mids.length) throw invalidSdp('duplicate mid');

  const bundle = parseBundle(session, parsed);
  const tagged = parsed.findIndex(({ mid, rejected }) => !rejected && (bundle === undefined || mid === bundle[0]));
  if (tagged < 0) throw invalidSdp('every media section is rejected');
  const carrier = readBlock(texts[tagged]!);
  const members = new Set(bundle);
  const allowsMixed = session.attributes.has('extmap-allow-mixed');
  const sections = parsed.map((section, index) =>
    known.complete(section, index === tagged || members.has(section.mid), allowsMixed),
  );
  return {
    type,
    origin: parseOrigin(sdp),
    ice: parseIceCredentials([carrier, session]),
    fingerprint: parseFingerprint([carrier, session]),
    candidates: parseCandidates(carrier),
    setup: firstOf(carrier, 'setup') ?? firstOf(session, 'setup'),
    bundle,
    sctp: sections.find(({ sctp, rejected, bundled }) => sctp && !rejected && bundled)?.sctp,
    sections,
  };
}

/**
 * RFC 9143 section 7.2: the transport of a group is that of its first section. A rejected one is in no group, even if listed. Of
 * several groups the first one counts, and one without a section is none.
 */
function parseBundle(session: SdpBlock, sections: readonly ParsedSection[]): readonly string[] | undefined {
  const group = allOf(session, 'group').find((value) => /^BUNDLE\b/.test(value));
  const accepted = new Set(sections.flatMap(({ mid, rejected }) => (rejected ? [] : [mid])));
  const mids = new Set(group?.trim().split(/ +/).slice(1));
  const members = [...mids].filter((mid) => accepted.has(mid)).map(detached);
  return members.length > 0 ? members : undefined;
}

/** The second line, of the longest user name that any peer sends. */
function parseOrigin(sdp: string): Origin | undefined {
  const [, sessionId, version] = ORIGIN.exec(sdp.slice(0, MAX_ORIGIN_CHARACTERS)) ?? [];
  return sessionId && version ? { sessionId: detached(sessionId), version: BigInt(version) } : undefined;
}

/** Value of the section, or else of the session. */
type Scopes = readonly [carrier: SdpBlock, session: SdpBlock];

function parseIceCredentials([carrier, session]: Scopes): IceCredentials {
  const ufrag = firstOf(carrier, 'ice-ufrag') ?? firstOf(session, 'ice-ufrag') ?? '';
  const pwd = firstOf(carrier, 'ice-pwd') ?? firstOf(session, 'ice-pwd') ?? '';
  if (!UFRAG.test(ufrag) || !PWD.test(pwd)) throw invalidSdp('no valid ICE credentials');
  return { ufrag: detached(ufrag), pwd: detached(pwd) };
}

/** Only the first ones: peers have fewer. One that cannot be read is ignored, since no connection depends on it. */
function parseCandidates(carrier: SdpBlock): readonly Candidate[] {
  const values = allOf(carrier, 'candidate').slice(0, MAX_CANDIDATES);
  return values.flatMap((value) => parseCandidate(detached(value)) ?? []);
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
