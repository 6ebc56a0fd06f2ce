import { expect, it } from 'vitest';
import { newDtlsStats } from '../dtls/record/record-layer.ts';
import { DropCounts, nonZeroDrops } from '../inspect/drops.ts';
import { SctpCounters } from '../sctp/stats.ts';
import { addTransportDrops } from './transport-counters.ts';

it('maps every drop of a protocol to its reason, and nothing else', () => {
  const ice = {
    accepted: 100,
    refused: 200,
    malformed: 1,
    unexpected: 2,
    wrongUsername: 3,
    unauthentic: 4,
    noPath: 14,
    replayed: 15,
    overLimit: 16,
  };
  const dtls = {
    ...newDtlsStats(),
    recordsReceived: 100,
    flightsResent: 200,
    recordsMalformed: 5,
    recordsForged: 6,
    recordsReplayed: 7,
    recordsIgnored: 8,
    messagesRejected: 9,
    sendsDropped: 10,
  };
  const sctp = Object.assign(new SctpCounters(), {
    packetsReceived: 100,
    packetsDropped: 11,
    chunksDropped: 12,
    messagesDropped: 13,
  });
  const drops = { ...new DropCounts(), message_unexpected: 20, unknown_protocol: 21 };
  const whole = new DropCounts();
  addTransportDrops(whole, { dtls, sctp, drops }, ice);
  expect(nonZeroDrops(whole)).toEqual({
    stun_malformed: 1,
    stun_unexpected: 2,
    stun_wrong_username: 3,
    stun_unauthentic: 4,
    stun_replayed: 15,
    stun_no_path: 14,
    dtls_malformed: 5,
    dtls_forged: 6,
    dtls_replayed: 7,
    dtls_unexpected: 8,
    dtls_handshake_rejected: 9,
    send_unproven_path: 16,
    send_not_connected: 10,
    sctp_malformed: 11,
    sctp_chunk_unexpected: 12,
    message_unexpected: 33,
    unknown_protocol: 21,
  });
  expect(drops.message_unexpected).toBe(20);
});
