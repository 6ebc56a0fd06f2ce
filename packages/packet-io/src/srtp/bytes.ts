/** Beyond this many bytes `set` and the view that it needs take less time than a loop. */
const LONG_BYTES = 256;

export function copyBytes(from: Uint8Array, offset: number, length: number, to: Uint8Array, toOffset = 0): void {
  if (length > LONG_BYTES) {
    to.set(from.subarray(offset, offset + length), toOffset);
    return;
  }
  for (let i = 0; i < length; i++) to[toOffset + i] = from[offset + i]!;
}

/** Reports whether `expected` up to `length` is in `packet` at `offset`, without telling by time how much of it does. */
export function equalInConstantTime(packet: Uint8Array, offset: number, expected: Uint8Array, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= packet[offset + i]! ^ expected[i]!;
  return difference === 0;
}
