/** The zlib format (RFC 1950), by whatever the platform offers. */
export interface Zlib {
  deflate(bytes: Uint8Array, level: 3): Uint8Array;
  /** Returns undefined for more than `maxBytes` of output. Throws for data that is not in the format. */
  inflate(bytes: Uint8Array, maxBytes: number): Uint8Array | undefined;
}
