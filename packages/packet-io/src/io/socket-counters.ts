import type { PacketIoStats } from '../packet-io.ts';
import type { PacketPlaneStats } from '../packet-plane.ts';

/** The sockets' own totals as they are kept: what `PacketIoStats` shows beyond the plane's. */
export type SocketCounters = { -readonly [Name in Exclude<keyof PacketIoStats, keyof PacketPlaneStats>]: number };

export function createSocketCounters(): SocketCounters {
  return {
    datagramsReceived: 0,
    bytesReceived: 0,
    datagramsSent: 0,
    bytesSent: 0,
    unanswerableDrops: 0,
    sendErrors: 0,
    queueFullDrops: 0,
    expiredDrops: 0,
    connections: 0,
    connectionDrops: 0,
    strangerDrops: 0,
    oversizedFrameDrops: 0,
  };
}
