/** A value that is not what it should be. */
export interface Mismatch {
  /** Names of the fields on the way to the value. */
  readonly path: readonly string[];
  /** Completes "should be ...". */
  readonly expected: string;
  readonly value: unknown;
}

/** Looks at a value of unknown type. Returns undefined if it is as expected. */
export type Check = (value: unknown) => Mismatch | undefined;

/** Throws an error with a message that names the place, the rule and the kind of value, but quotes no text: it may be a secret. */
export function validate(name: string, value: unknown, check: Check, createError: (message: string) => Error): void {
  const mismatch = check(value);
  if (mismatch === undefined) return;
  const place = mismatch.path.join('.') || name;
  throw createError(`invalid ${place} value: should be ${mismatch.expected}, is ${describe(mismatch.value)}`);
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty' : 'a string';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    case 'function':
    case 'symbol':
    case 'bigint':
      return `a ${typeof value}`;
    default:
      return String(value);
  }
}
