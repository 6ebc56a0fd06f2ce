/** A transaction id as a key of a map. */
export const transactionKey = (transactionId: Uint8Array): string =>
  Buffer.from(transactionId.buffer, transactionId.byteOffset, transactionId.byteLength).toString('latin1');
