import { createHash } from 'node:crypto';

const MAX_LABEL_CHARACTERS = 64;
const KEPT_CHARACTERS = 48;
const DIGEST_CHARACTERS = 32;

/**
 * The label of a client or group: its ID, or the beginning of a long one and a digest of all of it. A client chooses its ID, and each of its dozens of
 * series repeats it. Two IDs never have the same label: a label with a digest is longer than any ID that is kept.
 */
export function clientLabel(clientID: string): string {
  if (clientID.length <= MAX_LABEL_CHARACTERS) return clientID;
  const digest = createHash('sha256').update(clientID).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `${clientID.slice(0, KEPT_CHARACTERS).toWellFormed()}~${digest}`;
}
