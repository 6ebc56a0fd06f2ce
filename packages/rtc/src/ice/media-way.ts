import type { PacketIo, PathId } from '@rtcd/packet-io';
import type { CandidateProtocol, CandidateType } from './candidate.ts';
import type { RemoteCandidates } from './remote-candidates.ts';

/** The way that media goes between a peer and us, by the types of the candidates at its ends (RFC 8445 section 4). */
export interface MediaWay {
  /** Protocol of the packets that reach the peer, or its relay. */
  readonly protocol: CandidateProtocol;
  /** Our end: a socket of ours, or our relay. An address that a NAT or an override stands in for counts as the socket behind it. */
  readonly local: Extract<CandidateType, 'host' | 'relay'>;
  /** The peer's end: `prflx` if it has not named the address. */
  readonly remote: CandidateType;
}

/** Finds the types of a path's ends; undefined if the path has ended. */
export function mediaWay(
  io: Pick<PacketIo, 'pathOf' | 'localAddresses' | 'localAddressOf'>,
  id: PathId,
  remotes: RemoteCandidates,
): MediaWay | undefined {
  const path = io.pathOf(id);
  const ours = io.localAddressOf(id);
  if (path === undefined || ours === undefined) return undefined;
  return {
    protocol: ours.protocol,
    local: io.localAddresses[path.local] ? 'host' : 'relay',
    remote: remotes.typeAt(path.address, path.port),
  };
}
