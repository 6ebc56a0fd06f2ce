import { createHmac, type KeyObject } from 'node:crypto';

/** The pseudorandom function of TLS 1.2 with SHA-256: P_SHA256(secret, label + seed) (RFC 5246 section 5). */
export function prf(secret: KeyObject, label: string, seed: Uint8Array, size: number): Buffer {
  const labelAndSeed = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  // Not from the pool: a key that is kept would keep all of it alive.
  const output = Buffer.alloc(size);
  let a: Buffer = labelAndSeed;
  for (let offset = 0; offset < size; ) {
    a = createHmac('sha256', secret).update(a).digest();
    offset += createHmac('sha256', secret).update(a).update(labelAndSeed).digest().copy(output, offset);
  }
  return output;
}
