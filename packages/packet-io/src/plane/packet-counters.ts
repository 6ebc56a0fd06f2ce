import type { PacketPlaneStats } from '../packet-plane.ts';

/** The plane's totals as they are kept: all that `PacketPlaneStats` shows but the number of slots. */
export type PacketCounters = { -readonly [Name in Exclude<keyof PacketPlaneStats, 'slots'>]: number };

export function createPacketCounters(): PacketCounters {
  return {
    rtpSent: 0,
    rtpSentBytes: 0,
    rtcpSent: 0,
    rtcpSentBytes: 0,
    slotClosedDrops: 0,
    pathEndedDrops: 0,
    unsendableDrops: 0,
    keyExhaustedDrops: 0,
    reusedIndexDrops: 0,
    rtpReceived: 0,
    rtcpReceived: 0,
    malformedDrops: 0,
    unauthenticDrops: 0,
    replayedDrops: 0,
    tooManySsrcsDrops: 0,
  };
}
