/** A parser of bytes from outside, and the rules that it keeps for any of them. */
export interface FuzzTarget {
  readonly name: string;
  /** Its sources, below `packages` or `apps`, for the coverage. */
  readonly sources: readonly string[];
  /** Valid inputs to begin with: from test vectors, and from the writers of the package. */
  seeds(): readonly Uint8Array[];
  /** Parses. Throws if a rule is broken; an error that the parser may throw is a result. */
  parse(input: Buffer): unknown;
  /** Upper bound on the number of values in a result, for an input of so many bytes. Default: `DEFAULT_MAX_VALUES`. */
  maxValues?(inputBytes: number): number;
}

/** Values per result without a bound of its own: a fixed number of fields, and a few for each byte. */
export const DEFAULT_MAX_VALUES = (inputBytes: number): number => 64 + 8 * inputBytes;

/** An error that a parser may throw. */
export class Refused {
  readonly code: string;

  constructor(code: string) {
    this.code = code;
  }
}

type ErrorClass = new (...parameters: never[]) => Error & { readonly code: string };

/** Returns the result, or a `Refused` if the parser throws its own class of error. */
export function parseOrRefuse<T>(errorClass: ErrorClass, parse: () => T): T | Refused {
  try {
    return parse();
  } catch (error) {
    if (error instanceof errorClass) return new Refused(error.code);
    throw error;
  }
}
