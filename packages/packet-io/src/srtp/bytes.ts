/** Loops and not `set`: for the sizes of packets they beat the call and the view that it would need. */
export function copyBytes(from: Uint8Array, offset: number, length: number, to: Uint8Array): void {
  for (let i = 0; i < length; i++) to[i] = from[offset + i]!;
}

/** Encrypts or decrypts by a keystream. Source and destination may be the same bytes. */
export function xorBytes(
  from: Uint8Array,
  offset: number,
  length: number,
  keystream: Uint8Array,
  keystreamOffset: number,
  to: Uint8Array,
  toOffset: number,
): void {
  for (let i = 0; i < length; i++) to[toOffset + i] = from[offset + i]! ^ keystream[keystreamOffset + i]!;
}

/** Reports whether `expected` up to `length` is in `packet` at `offset`, without telling by time how much of it does. */
export function equalInConstantTime(packet: Uint8Array, offset: number, expected: Uint8Array, length: number): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) difference |= packet[offset + i]! ^ expected[i]!;
  return difference === 0;
}
