import type { Check } from './check.ts';
import type { Clock, MonotonicTimers, Timers } from './clock.ts';
import type { Logger } from './logger.ts';

const rule =
  (expected: string, holds: (value: unknown) => boolean): Check =>
  (value) =>
    holds(value) ? undefined : { path: [], expected, value };

/** Accepts strings. */
export const string: Check = rule('a string', (value) => typeof value === 'string');
/** Accepts strings other than the empty one. */
export const nonEmptyString: Check = rule('a non-empty string', (value) => typeof value === 'string' && value !== '');
/** Accepts booleans, and nothing that is merely truthy. */
export const boolean: Check = rule('true or false', (value) => typeof value === 'boolean');
/** Accepts functions. */
export const func: Check = rule('a function', (value) => typeof value === 'function');
/** Accepts `Uint8Array` and its subclasses, such as `Buffer`. */
export const bytes: Check = rule('a Uint8Array', (value) => value instanceof Uint8Array);
/** Accepts what an `AbortController` makes. */
export const abortSignal: Check = rule('an AbortSignal', (value) => value instanceof AbortSignal);
/** Accepts everything: for fields that the callee checks by itself. */
export const anything: Check = () => undefined;

/** Accepts finite numbers above 0. */
export const positiveNumber: Check = rule('a positive number', (value) => Number.isFinite(value) && Number(value) > 0);

/** Accepts integers within bounds, both included. */
export function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `an integer of at least ${min}` : `an integer from ${min} to ${max}`;
  return rule(expected, (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max);
}

/** Accepts port numbers, 0 included: the system chooses a free one. */
export const port: Check = integer(0, 65_535);

/** Accepts these values only. */
export function oneOf(...values: readonly (string | number)[]): Check {
  return rule(`one of ${values.join(', ')}`, (value) => (values as readonly unknown[]).includes(value));
}

/** Accepts undefined, and what the check accepts. */
export function optional(check: Check): Check {
  return (value) => (value === undefined ? undefined : check(value));
}

/** Accepts undefined, null, and what the check accepts. */
export function nullish(check: Check): Check {
  return (value) => (value === undefined || value === null ? undefined : check(value));
}

/** Accepts arrays in which every element passes the check. */
export function arrayOf(check: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return { path: [], expected: 'an array', value };
    for (const [index, element] of value.entries()) {
      const mismatch = check(element);
      if (mismatch !== undefined) return { ...mismatch, path: [String(index), ...mismatch.path] };
    }
    return undefined;
  };
}

/** Accepts objects whose enumerable fields, however named, pass the check. */
export function recordOf(check: Check): Check {
  return (value) => {
    if (typeof value !== 'object' || value === null) return { path: [], expected: 'an object', value };
    for (const [name, field] of Object.entries(value)) {
      const mismatch = check(field);
      if (mismatch !== undefined) return { ...mismatch, path: [name, ...mismatch.path] };
    }
    return undefined;
  };
}

/** Accepts objects, class instances included, whose fields pass their checks. Every field of the type needs one; other fields are ignored. */
export function object<T extends object>(fields: { readonly [K in keyof T]-?: Check }): Check {
  const entries = Object.entries<Check>(fields);
  return (value) => {
    if ((typeof value !== 'object' && typeof value !== 'function') || value === null) {
      return { path: [], expected: 'an object', value };
    }
    for (const [name, check] of entries) {
      const mismatch = check((value as Readonly<Record<string, unknown>>)[name]);
      if (mismatch !== undefined) return { ...mismatch, path: [name, ...mismatch.path] };
    }
    return undefined;
  };
}

const hasLoggerMethods = object<Logger>({ debug: func, info: func, warn: func, error: func, child: func });

/** Accepts what has the methods of a `Logger`. */
export const logger: Check = (value) =>
  hasLoggerMethods(value) && {
    path: [],
    expected:
      'a logger like pino, with debug, info, warn, error and child (for others see consoleLogger, winstonLogger)',
    value,
  };

/** Accepts what has the methods of `Timers`. */
export const timers: Check = object<Timers>({ setTimer: func, clearTimer: func });

/** Accepts what has the methods of `MonotonicTimers`. */
export const monotonicTimers: Check = object<MonotonicTimers>({ setTimer: func, clearTimer: func, nowMs: func });

/** Accepts what has the methods of a `Clock`. */
export const clock: Check = object<Clock>({ nowMs: func, unixMs: func, setTimer: func, clearTimer: func });
