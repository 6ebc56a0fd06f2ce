import { isDeepStrictEqual } from 'node:util';

/** Throws unless the rule holds. */
export function rule(holds: boolean, text: string): void {
  if (!holds) throw new Error(text);
}

/** Throws unless a value that was written and parsed again is equal. */
export function ruleOfRoundTrip(value: unknown, again: unknown): void {
  rule(isDeepStrictEqual(again, value), 'what was parsed, written, and parsed again differs');
}

/** Reports whether text was valid UTF-8. If it contains U+FFFD, it is longer when it is written again. */
export const isWhole = (text: string): boolean => !text.includes('\ufffd');
