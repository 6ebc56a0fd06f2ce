/** Messages that may wait on one connection (contract section 3). */
export const MAX_QUEUE_MESSAGES = 5000;

/**
 * Bytes that may wait on one connection. 5000 messages of 1 MiB would be 5 GiB; signaling messages are
 * session descriptions of some tens of KiB at most, so this is hundreds of them to a stalled client.
 */
export const MAX_QUEUE_BYTES = 16 * 1024 * 1024;

/** Bytes that may wait on all connections of one client of a server: two that have stalled altogether. */
export const MAX_QUEUE_BYTES_PER_CLIENT = 2 * MAX_QUEUE_BYTES;

/** A connection that accepts nothing for this long is given up (contract section 3). */
export const WRITE_TIMEOUT_MS = 10_000;

/** Time for the other end to answer a close frame before the socket is destroyed. */
export const CLOSE_TIMEOUT_MS = 5_000;
