import type { RawData } from 'ws';

/** End of a connection: the close code (RFC 6455 section 7.4; 1006 if there was no close frame) and the reason. */
export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

export const closeInfo = (code: number, reason: Buffer): CloseInfo => ({ code, reason: reason.toString('utf8') });

/** A message as plain bytes: a `Buffer` would leak its own `slice` semantics to users. */
export function toBytes(data: RawData): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  const buffer = Array.isArray(data) ? Buffer.concat(data) : data;
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/**
 * Delivers a message. What a listener throws becomes an uncaught exception of its own: thrown through `ws`, it would end the reading
 * of this connection permanently, so that not even a close frame is noticed.
 */
export function deliver(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
