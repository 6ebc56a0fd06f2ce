import { formatIpAddress, parseIpAddress } from '../stun/ip-address.ts';
import type { Candidate, CandidateType } from './candidate.ts';

/** Browsers gather fewer, on however many networks. */
const MAX_CANDIDATES = 32;

/**
 * Candidates that a peer has named: to let its datagrams through relays of ours, and to tell people which of them a path leads to. Which path is used
 * does not depend on them.
 */
export class RemoteCandidates {
  readonly #byEndpoint = new Map<string, Candidate>();

  /** IP addresses of those over UDP, each once. Names, as those of mDNS, are not resolved. */
  get addresses(): readonly string[] {
    return [...new Set(Array.from(this.#byEndpoint.values(), ({ address }) => address))];
  }

  /**
   * Takes a candidate in, and returns its address as paths have it. Undefined for one that adds nothing: it is known, has no IP address, is not over UDP, or
   * is one too many.
   */
  add(candidate: Candidate): string | undefined {
    const bytes = candidate.protocol === 'udp' ? parseIpAddress(candidate.address) : undefined;
    if (bytes === undefined || this.#byEndpoint.size >= MAX_CANDIDATES) return undefined;
    const address = formatIpAddress(bytes);
    const key = endpointKey(address, candidate.port);
    if (this.#byEndpoint.has(key)) return undefined;
    this.#byEndpoint.set(key, { ...candidate, address });
    return address;
  }

  /** Type of the candidate at an address: peer-reflexive, if the peer has not named it. */
  typeAt(address: string, port: number): CandidateType {
    return this.#byEndpoint.get(endpointKey(address, port))?.type ?? 'prflx';
  }
}

const endpointKey = (address: string, port: number): string => `${address} ${port}`;
