const MAX_DEPTH = 200;

/** Counts the values in a result: each primitive, each buffer, and each container with its members. Buffers are views, and count once. */
export function countValues(value: unknown, depth = 0): number {
  if (depth > MAX_DEPTH) throw new Error(`a result is nested more than ${MAX_DEPTH} levels deep`);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return 1;
  let count = 1;
  for (const member of membersOf(value)) count += countValues(member, depth + 1);
  return count;
}

/** Shape of a result: kinds of values and sizes of containers, without contents. Inputs with a new shape are worth keeping. */
export function shapeOf(value: unknown, depth = 0): string {
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return value < 0 ? '-' : String(bucket(value));
  if (typeof value === 'string') return `s${bucket(value.length)}`;
  if (typeof value !== 'object' || value === null || depth > 6) return typeof value;
  if (ArrayBuffer.isView(value)) return `b${bucket(value.byteLength)}`;
  const members = membersOf(value);
  const shapes = members.slice(0, 12).map((member) => shapeOf(member, depth + 1));
  return `${value.constructor?.name ?? ''}${bucket(members.length)}(${shapes.join()})`;
}

const bucket = (size: number): number => (size < 4 ? size : 4 + Math.floor(Math.log2(size)));

function membersOf(value: object): unknown[] {
  if (value instanceof Map) return [...value].flat();
  if (Array.isArray(value) || value instanceof Set) return [...value];
  return Object.values(value);
}
