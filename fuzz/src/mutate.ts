import type { seededRandom } from '@rtcd/packet-io/testing';

type Random = ReturnType<typeof seededRandom>;

/** Upper bound on mutated inputs: the largest message that the service takes in is 1 MiB, and most parsers get a datagram. */
const MAX_INPUT_BYTES = 4_096;
const MAX_MUTATIONS = 6;
const INTERESTING = [0, 1, 2, 3, 4, 7, 8, 15, 16, 31, 32, 63, 64, 127, 128, 129, 192, 254, 255];

type Mutation = (input: Buffer, random: Random, other: Uint8Array) => Buffer;

const below = (limit: number, random: Random): number => Math.floor(random() * limit);

const MUTATIONS: readonly Mutation[] = [
  function flipBit(input, random) {
    const at = below(input.length, random);
    input[at] = (input[at] ?? 0) ^ (1 << below(8, random));
    return input;
  },
  function setByte(input, random) {
    input[below(input.length, random)] = below(256, random);
    return input;
  },
  function setInterestingByte(input, random) {
    input[below(input.length, random)] = INTERESTING[below(INTERESTING.length, random)] ?? 0;
    return input;
  },
  function setLength(input, random) {
    if (input.length < 2) return input;
    const at = below(input.length - 1, random);
    const lengths = [0, 0xffff, input.length, input.length - at, input.length - at - 2, input.length - at - 1];
    input.writeUInt16BE(Math.max(0, lengths[below(lengths.length, random)] ?? 0) & 0xffff, at);
    return input;
  },
  function addToByte(input, random) {
    const at = below(input.length, random);
    input[at] = (input[at] ?? 0) + below(9, random) - 4;
    return input;
  },
  function truncate(input, random) {
    return input.subarray(0, below(input.length + 1, random));
  },
  function dropFront(input, random) {
    return input.subarray(below(Math.min(input.length, 16) + 1, random));
  },
  function remove(input, random) {
    const at = below(input.length, random);
    const length = 1 + below(Math.min(16, input.length - at), random);
    return Buffer.concat([input.subarray(0, at), input.subarray(at + length)]);
  },
  function insert(input, random) {
    const at = below(input.length + 1, random);
    const bytes = Buffer.from(Array.from({ length: 1 + below(8, random) }, () => below(256, random)));
    return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
  },
  function repeat(input, random) {
    const at = below(input.length, random);
    const part = input.subarray(at, at + 1 + below(32, random));
    const times = 1 + below(below(16, random) === 0 ? 200 : 4, random);
    return Buffer.concat([input.subarray(0, at), ...Array.from({ length: times }, () => part), input.subarray(at)]);
  },
  function splice(input, random, other) {
    const at = below(input.length + 1, random);
    return Buffer.concat([input.subarray(0, at), other.subarray(below(other.length + 1, random))]);
  },
];

/** Changes a copy of the input in one to six ways. `other` is another input of the same parser. */
export function mutate(input: Uint8Array, other: Uint8Array, random: Random): Buffer {
  let mutated: Buffer = Buffer.from(input);
  for (let count = 1 + below(MAX_MUTATIONS, random); count > 0; count--) {
    if (mutated.length === 0) mutated = Buffer.from([below(256, random)]);
    const mutation = MUTATIONS[below(MUTATIONS.length, random)];
    if (mutation) mutated = mutation(mutated, random, other);
  }
  return mutated.length > MAX_INPUT_BYTES ? mutated.subarray(0, MAX_INPUT_BYTES) : mutated;
}
