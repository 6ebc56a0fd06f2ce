import { createHmac, type KeyObject } from 'node:crypto';

/** The pseudorandom function of TLS 1.2 with SHA-256: P_SHA256(secret, label + seed) (RFC 5246 section 5). */
export function prf(secret: KeyObject, label: string, seed: Uint8Array, size: number): Buffer {
  const labelAndSeed = Buffer.concat([Buffer.from(label, 'ascii'), seed]);
  const blocks: Buffer[] = [];
  let a: Buffer = labelAndSeed;
  for (let produced = 0; produced < size; produced += blocks[blocks.length - 1].length) {
    a = createHmac('sha256', secret).update(a).digest();
    blocks.push(createHmac('sha256', secret).update(a).update(labelAndSeed).digest());
  }
  return Buffer.concat(blocks, size);
}
