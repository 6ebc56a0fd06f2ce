import { crc32 } from 'node:zlib';

/** Origin of a candidate (RFC 8445 section 4). */
export type CandidateType = 'host' | 'srflx' | 'prflx' | 'relay';
/** Addresses from which a candidate accepts datagrams or connections. */
export type CandidateProtocol = 'udp' | 'tcp';
/** Side that connects (RFC 6544 section 4.5). */
export type TcpType = 'active' | 'passive' | 'so';

/** A candidate as written in signaling (RFC 8839 section 5.1, RFC 6544 section 4.5). */
export interface Candidate {
  readonly foundation: string;
  /** 1: with rtcp-mux there is no other. */
  readonly component: number;
  readonly protocol: CandidateProtocol;
  readonly priority: number;
  /** IP address or host name. */
  readonly address: string;
  readonly port: number;
  readonly type: CandidateType;
  readonly tcpType?: TcpType;
  /** The base behind a server-reflexive candidate. */
  readonly relatedAddress?: string;
  readonly relatedPort?: number;
}

/** Properties of one of our candidates. */
export interface LocalCandidateOptions {
  readonly protocol: CandidateProtocol;
  /** Address that peers should send to. */
  readonly address: string;
  readonly port: number;
  /** Address that the socket is bound to. */
  readonly base: string;
  readonly basePort: number;
  /** 0 for the address that peers should try first, 1 for the next, and so on. */
  readonly rank: number;
}

const COMPONENT = 1;

/** RFC 8445 section 5.1.2.2. */
const HOST_PREFERENCE = 126;
const SERVER_REFLEXIVE_PREFERENCE = 100;
const RELAY_PREFERENCE = 0;
/** TCP is what is left when no UDP gets through (RFC 6544 section 4.2): below even reflexive UDP. */
const TCP_HOST_PREFERENCE = 90;
const TCP_SERVER_REFLEXIVE_PREFERENCE = 80;

/** Type preference, then local preference, then component (RFC 8445 section 5.1.2.1). 32 bits unsigned. */
export function candidatePriority(typePreference: number, localPreference: number, component: number): number {
  return (((typePreference << 24) >>> 0) + (localPreference << 8) + (256 - component)) >>> 0;
}

/** A candidate at one of our own addresses, or at one that leads there without a STUN request: a configured override. TCP is passive. */
export function hostCandidate(options: LocalCandidateOptions): Candidate {
  const { protocol, address, port, rank } = options;
  const candidate = { foundation: foundationOf('host', options), component: COMPONENT, protocol, address, port };
  if (protocol === 'udp') {
    const priority = candidatePriority(HOST_PREFERENCE, 0xffff - rank, COMPONENT);
    return { ...candidate, priority, type: 'host' };
  }
  const priority = candidatePriority(TCP_HOST_PREFERENCE, passiveLocalPreference(rank), COMPONENT);
  return { ...candidate, priority, type: 'host', tcpType: 'passive' };
}

/** A candidate at the address that a STUN server saw our UDP socket under, or one that leads to the TCP socket beside it. TCP is passive. */
export function serverReflexiveCandidate(options: LocalCandidateOptions): Candidate {
  const { protocol, address, port, base, basePort, rank } = options;
  const isTcp = protocol === 'tcp';
  return {
    foundation: foundationOf('srflx', options),
    component: COMPONENT,
    protocol,
    priority: isTcp
      ? candidatePriority(TCP_SERVER_REFLEXIVE_PREFERENCE, passiveLocalPreference(rank), COMPONENT)
      : candidatePriority(SERVER_REFLEXIVE_PREFERENCE, 0xffff - rank, COMPONENT),
    address,
    port,
    type: 'srflx',
    relatedAddress: base,
    relatedPort: basePort,
    ...(isTcp && { tcpType: 'passive' }),
  };
}

/** A candidate at the address that a TURN server has allocated for us: the last resort. `base` is our address as the server sees it. */
export function relayCandidate(options: LocalCandidateOptions): Candidate {
  const { protocol, address, port, base, basePort, rank } = options;
  return {
    foundation: foundationOf('relay', { ...options, base: address }),
    component: COMPONENT,
    protocol,
    priority: candidatePriority(RELAY_PREFERENCE, 0xffff - rank, COMPONENT),
    address,
    port,
    type: 'relay',
    relatedAddress: base,
    relatedPort: basePort,
  };
}

/** 13 bits of rank below the direction's 3 (RFC 6544 section 4.2: 4 for passive). */
function passiveLocalPreference(rank: number): number {
  return (4 << 13) | (0x1fff - rank);
}

/** Equal for candidates of one type, base and protocol, else different (RFC 8445 section 5.1.1.3). */
function foundationOf(type: CandidateType, { base, protocol }: LocalCandidateOptions): string {
  return String(crc32(`${type} ${base} ${protocol}`));
}

/** The value of an `a=candidate:` attribute, without that name. */
export function formatCandidate(candidate: Candidate): string {
  const { foundation, component, protocol, priority, address, port, type } = candidate;
  const parts = [foundation, component, protocol, priority, address, port, 'typ', type];
  if (candidate.relatedAddress !== undefined) {
    parts.push('raddr', candidate.relatedAddress, 'rport', candidate.relatedPort ?? 0);
  }
  if (candidate.tcpType !== undefined) parts.push('tcptype', candidate.tcpType);
  return parts.join(' ');
}

/** Longest real ones have an IPv6 address, a related one and a ufrag of 256. */
const MAX_CANDIDATE_LENGTH = 1024;

const CANDIDATE =
  /^(?:a=)?(?:candidate:)?([0-9A-Za-z+/]{1,32}) (\d{1,3}) (udp|tcp) (\d{1,10}) ([^\s]{1,255}) (\d{1,5}) typ (host|srflx|prflx|relay)((?: [^\s]+ [^\s]+)*) *$/i;

/** The groups of `CANDIDATE`, none of which is optional, behind the whole text. */
type CandidateFields = readonly [string, string, string, string, string, string, string, string, string];

/**
 * A peer's candidate, with or without `candidate:` in front. For log lines: a lite agent never sends to a candidate, so
 * that its address may be anything, an mDNS name too.
 */
export function parseCandidate(text: string): Candidate | undefined {
  const match = text.length <= MAX_CANDIDATE_LENGTH ? CANDIDATE.exec(text) : null;
  if (match === null) return undefined;
  const [, foundation, component, protocol, priority, address, port, type, rest] = match as unknown as CandidateFields;
  if (Number(priority) > 0xffffffff || Number(port) > 0xffff) return undefined;

  const extensions = parseExtensions(rest);
  const tcpType = extensions.get('tcptype');
  const relatedAddress = extensions.get('raddr');
  return {
    foundation,
    component: Number(component),
    protocol: protocol.toLowerCase() as CandidateProtocol,
    priority: Number(priority),
    address,
    port: Number(port),
    type: type.toLowerCase() as CandidateType,
    ...(isTcpType(tcpType) && { tcpType }),
    ...(relatedAddress !== undefined && { relatedAddress, relatedPort: portOf(extensions.get('rport')) }),
  };
}

/** A related port is for information only: one that is no port counts as unknown. */
function portOf(text = ''): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port <= 0xffff ? port : 0;
}

function parseExtensions(text: string): ReadonlyMap<string, string> {
  const words = text.trim().split(' ');
  const extensions = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) extensions.set(words[index]!, words[index + 1]!);
  return extensions;
}

function isTcpType(text: string | undefined): text is TcpType {
  return text === 'active' || text === 'passive' || text === 'so';
}
