/** Counters and buffers of an association. */
export interface SctpStats {
  readonly packetsSent: number;
  readonly packetsReceived: number;
  /** Malformed, wrong checksum, port or verification tag. */
  readonly packetsDropped: number;
  /** Chunks of good packets that were malformed, unknown, or had no place in this state. */
  readonly chunksDropped: number;
  /** Messages for no open channel or of no known kind, and channels refused. */
  readonly messagesDropped: number;
  readonly messagesSent: number;
  readonly messagesReceived: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
  readonly chunksRetransmitted: number;
  readonly chunksDuplicated: number;
  /** Kept for incomplete messages and such that wait for their turn, overhead included. */
  readonly receiveBufferedBytes: number;
  /** Kept until acknowledged, overhead included. */
  readonly sendBufferedBytes: number;
  /** Smoothed round-trip time; 0 before the first measurement. */
  readonly rttMs: number;
  readonly congestionWindowBytes: number;
}

/** The counters among them: of one association, or of all that one peer has had. */
export class SctpCounters {
  packetsSent = 0;
  packetsReceived = 0;
  packetsDropped = 0;
  chunksDropped = 0;
  messagesDropped = 0;
  messagesSent = 0;
  messagesReceived = 0;
  bytesSent = 0;
  bytesReceived = 0;
}
