/** Longest text of a field or message. Error messages and stacks of ours are shorter; what a stranger sends may be longer. */
const MAX_CHARACTERS = 1_024;
/** Longest text in a list: an event of a session. */
const MAX_ITEM_CHARACTERS = 250;
/** A stack of ten frames. */
const MAX_STACK_CHARACTERS = 4_096;
/** All events of a session, and all of its drops. */
const MAX_ITEMS = 128;
const MAX_DEPTH = 4;

/** Cuts a text that is too long, and says by how much. */
export function boundText(text: string, maxCharacters = MAX_CHARACTERS): string {
  return text.length <= maxCharacters
    ? text
    : `${text.slice(0, maxCharacters)}... (${text.length - maxCharacters} more characters)`;
}

/** Bounds the fields of a log line: the length of texts, the number of items, and the depth. Errors are bounded when they are serialized. */
export function boundFields(fields: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, boundValue(value, 1)]));
}

function boundValue(value: unknown, depth: number, maxCharacters = MAX_CHARACTERS): unknown {
  if (typeof value === 'string') return boundText(value, maxCharacters);
  if (typeof value !== 'object' || value === null || value instanceof Error) return value;
  if (depth >= MAX_DEPTH) return '...';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) {
    return value.slice(0, MAX_ITEMS).map((item) => boundValue(item, depth + 1, MAX_ITEM_CHARACTERS));
  }
  const entries = Object.entries(value).slice(0, MAX_ITEMS);
  return Object.fromEntries(entries.map(([name, member]) => [name, boundValue(member, depth + 1)]));
}

/** Bounds an error as pino has serialized it. */
export function boundError<Serialized extends { message: string; stack: string }>(error: Serialized): Serialized {
  return { ...error, message: boundText(error.message), stack: boundText(error.stack, MAX_STACK_CHARACTERS) };
}
