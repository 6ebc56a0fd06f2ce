import { type DtlsStats, newDtlsStats } from '../dtls/record/record-layer.ts';
import type { IceAgentStats } from '../ice/agent.ts';
import { addDrops, addDropsOf, type DropCounts, type DropSources } from '../inspect/drops.ts';
import { SctpCounters } from '../sctp/stats.ts';

/** Counters of one peer's transport, over all associations that it has had. */
export interface TransportCounters {
  readonly dtls: DtlsStats;
  readonly sctp: SctpCounters;
  /** Drops that no protocol counts by itself. */
  readonly drops: DropCounts;
}

const ICE_DROPS: DropSources<IceAgentStats> = [
  ['malformed', 'stun_malformed'],
  ['unexpected', 'stun_unexpected'],
  ['wrongUsername', 'stun_wrong_username'],
  ['unauthentic', 'stun_unauthentic'],
  ['replayed', 'stun_replayed'],
  ['noPath', 'stun_no_path'],
  ['overLimit', 'send_unproven_path'],
];

const DTLS_DROPS: DropSources<DtlsStats> = [
  ['recordsMalformed', 'dtls_malformed'],
  ['recordsForged', 'dtls_forged'],
  ['recordsReplayed', 'dtls_replayed'],
  ['recordsIgnored', 'dtls_unexpected'],
  ['messagesRejected', 'dtls_handshake_rejected'],
  ['sendsDropped', 'send_not_connected'],
];

const SCTP_DROPS: DropSources<SctpCounters> = [
  ['packetsDropped', 'sctp_malformed'],
  ['chunksDropped', 'sctp_chunk_unexpected'],
  ['messagesDropped', 'message_unexpected'],
];

/** Counters to begin with, which add to `drops`. */
export const newTransportCounters = (drops: DropCounts): TransportCounters => ({
  dtls: newDtlsStats(),
  sctp: new SctpCounters(),
  drops,
});

/** Adds all drops of a transport to those of the whole. */
export function addTransportDrops(
  whole: DropCounts,
  { dtls, sctp, drops }: TransportCounters,
  ice: IceAgentStats,
): void {
  addDrops(whole, drops);
  addDropsOf(whole, ice, ICE_DROPS);
  addDropsOf(whole, dtls, DTLS_DROPS);
  addDropsOf(whole, sctp, SCTP_DROPS);
}
