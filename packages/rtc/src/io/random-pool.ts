import { randomFillSync } from 'node:crypto';
import type { Random } from '../ports.ts';

const POOL_BYTES = 4096;

/**
 * Cryptographically strong bytes in small portions: SSRCs, credentials, sequence numbers. A call into OpenSSL costs the same for 4
 * bytes as for 4096, so they are fetched 4096 at a time, and wiped here as they are handed out.
 */
export function randomPool(fill: (bytes: Uint8Array) => void = randomFillSync): Random {
  const pool = new Uint8Array(POOL_BYTES);
  let left = 0;
  return (sizeBytes) => {
    if (sizeBytes > POOL_BYTES) {
      const bytes = new Uint8Array(sizeBytes);
      fill(bytes);
      return bytes;
    }
    if (sizeBytes > left) {
      fill(pool);
      left = POOL_BYTES;
    }
    const start = POOL_BYTES - left;
    const bytes = pool.slice(start, start + sizeBytes);
    pool.fill(0, start, start + sizeBytes);
    left -= sizeBytes;
    return bytes;
  };
}
