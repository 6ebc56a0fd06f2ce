// draft-holmer-rmcat-transport-wide-cc-extensions-01 sections 3.1.3 and 3.1.4:
//  0                   1               0                   1
//  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
// |0| S |        Run Length       |   |1|S|    14 or 7 statuses       |
// +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+

/** Packet status symbol, as the draft calls it. */
export const Status = { notReceived: 0, smallDelta: 1, largeDelta: 2 } as const;

const CHUNK_SIZE = 2;
const MAX_RUN_LENGTH = 0x1fff;
const VECTOR_BIT = 0x8000;
const TWO_BIT_SYMBOLS_BIT = 0x4000;
/** One-bit symbols mean received with a small delta, or not received. */
const ONE_BIT_SYMBOLS = 14;
const TWO_BIT_SYMBOLS = 7;

/** Each chunk but the last contains 7 statuses or more. */
export function maxChunksSize(statusCount: number): number {
  return Math.ceil(statusCount / TWO_BIT_SYMBOLS) * CHUNK_SIZE;
}

/** Writes the first `count` statuses at `offset` and returns the end. */
export function writeStatusChunks(out: Buffer, offset: number, statuses: Uint8Array, count: number): number {
  let end = offset;
  for (let index = 0; index < count; ) {
    const run = runLength(statuses, index, count);
    const status = statuses[index]!;
    const oneBit = fitsOneBit(statuses, index, count);
    if (run === count - index || run >= (oneBit ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS)) {
      end = out.writeUInt16BE((status << 13) | run, end);
      index += run;
    } else {
      end = out.writeUInt16BE(vectorOf(statuses, index, count, oneBit), end);
      index += oneBit ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
    }
  }
  return end;
}

/** Reads `count` statuses into `statuses`; returns the end of their chunks, -1 if the packet ends before or a status is none. */
export function readStatusChunks(packet: Buffer, offset: number, statuses: Uint8Array, count: number): number {
  let end = offset;
  for (let read = 0; read < count; ) {
    if (end + CHUNK_SIZE > packet.length) return -1;
    const chunk = packet.readUInt16BE(end);
    end += CHUNK_SIZE;
    const symbols = Math.min(count - read, symbolsIn(chunk));
    if (symbols === 0) return -1;
    for (let index = 0; index < symbols; index++) {
      const status = symbolAt(chunk, index);
      if (status > Status.largeDelta) return -1;
      statuses[read++] = status;
    }
  }
  return end;
}

function symbolsIn(chunk: number): number {
  if ((chunk & VECTOR_BIT) === 0) return chunk & MAX_RUN_LENGTH;
  return (chunk & TWO_BIT_SYMBOLS_BIT) === 0 ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
}

function symbolAt(chunk: number, index: number): number {
  if ((chunk & VECTOR_BIT) === 0) return chunk >> 13;
  if ((chunk & TWO_BIT_SYMBOLS_BIT) === 0) return (chunk >> (ONE_BIT_SYMBOLS - 1 - index)) & 1;
  return (chunk >> (2 * (TWO_BIT_SYMBOLS - 1 - index))) & 3;
}

function runLength(statuses: Uint8Array, start: number, count: number): number {
  const limit = Math.min(count, start + MAX_RUN_LENGTH);
  let end = start + 1;
  while (end < limit && statuses[end] === statuses[start]) end++;
  return end - start;
}

function fitsOneBit(statuses: Uint8Array, start: number, count: number): boolean {
  const end = Math.min(count, start + ONE_BIT_SYMBOLS);
  for (let index = start; index < end; index++) if (statuses[index] === Status.largeDelta) return false;
  return true;
}

/** Writes statuses; the rest of the chunk stays zero. */
function vectorOf(statuses: Uint8Array, start: number, count: number, oneBit: boolean): number {
  const width = oneBit ? 1 : 2;
  const symbols = oneBit ? ONE_BIT_SYMBOLS : TWO_BIT_SYMBOLS;
  let chunk = VECTOR_BIT | (oneBit ? 0 : TWO_BIT_SYMBOLS_BIT);
  for (let index = 0; index < symbols && start + index < count; index++) {
    chunk |= statuses[start + index]! << (width * (symbols - 1 - index));
  }
  return chunk;
}
