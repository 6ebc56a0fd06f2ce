import { expect, it } from 'vitest';
import { type Check, check, validate } from '../src/index.ts';

interface Options {
  readonly port?: number;
  readonly name: string;
  readonly peers: readonly { readonly isOpen: boolean }[];
}

const options = check.object<Options>({
  port: check.optional(check.port),
  name: check.nonEmptyString,
  peers: check.arrayOf(check.object<{ isOpen: boolean }>({ isOpen: check.boolean })),
});

function messageFor(value: unknown, rule: Check = options): string | undefined {
  try {
    validate('options', value, rule, (message) => new RangeError(message));
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return (error as RangeError).message;
  }
}

it('accepts valid values, including class instances and unknown fields', () => {
  class Named {
    get name() {
      return 'name';
    }
    peers = [{ isOpen: true }];
    extra = 1;
  }
  expect(messageFor({ name: 'name', peers: [], port: 0 })).toBeUndefined();
  expect(messageFor({ name: 'name', peers: [], port: undefined })).toBeUndefined();
  expect(messageFor(new Named())).toBeUndefined();
});

it.each([
  [undefined, 'invalid options value: should be an object, is undefined'],
  [null, 'invalid options value: should be an object, is null'],
  ['text', 'invalid options value: should be an object, is a string'],
  [{ peers: [] }, 'invalid name value: should be a non-empty string, is undefined'],
  [{ name: '', peers: [] }, 'invalid name value: should be a non-empty string, is empty'],
  [{ name: 'n', peers: {} }, 'invalid peers value: should be an array, is an object'],
  [{ name: 'n', peers: [{ isOpen: 1 }] }, 'invalid peers.0.isOpen value: should be true or false, is 1'],
  [{ name: 'n', peers: [null] }, 'invalid peers.0 value: should be an object, is null'],
  [{ name: 'n', peers: [], port: 70_000 }, 'invalid port value: should be an integer from 0 to 65535, is 70000'],
  [{ name: 'n', peers: [], port: 1.5 }, 'invalid port value: should be an integer from 0 to 65535, is 1.5'],
  [{ name: 'n', peers: [], port: null }, 'invalid port value: should be an integer from 0 to 65535, is null'],
])('refuses %j', (value, message) => {
  expect(messageFor(value)).toBe(message);
});

it('never quotes text, which may be a secret', () => {
  expect(messageFor('secret', check.bytes)).not.toContain('secret');
  expect(messageFor({ name: Symbol('secret') })).not.toContain('secret');
});

it.each([
  [check.positiveNumber, [0, -1, Number.NaN, Number.POSITIVE_INFINITY, '1', 1n]],
  [check.integer(1), [0, 1.5, Number.NaN, '1', 2 ** 53]],
  [check.oneOf('a', 1), ['b', '1', undefined]],
  [check.bytes, [[], 'bytes', new ArrayBuffer(1), new Uint16Array(1)]],
  [check.func, [{}, undefined]],
  [check.abortSignal, [{}, new AbortController()]],
  [check.string, [new String('text'), 1, undefined]],
  [check.boolean, [0, 'true', null]],
  [check.logger, [{}, console, null]],
  [check.clock, [{ setTimer() {} }, Date]],
])('refuses every value that is not %j', (rule, values) => {
  for (const value of values) expect(rule(value), String(value)).toBeDefined();
});
