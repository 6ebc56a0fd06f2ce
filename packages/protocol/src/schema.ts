import * as z from 'zod';
import { ProtocolError, type ProtocolErrorCode } from './errors.ts';
import { MAX_ID_LENGTH } from './limits.ts';

/** An id that may be missing or nil, as in the maps of older clients: then it is the empty string. */
export const optionalID = z
  .string()
  .max(MAX_ID_LENGTH)
  .nullish()
  .transform((id) => id ?? '');

export const requiredID = z.string().min(1).max(MAX_ID_LENGTH);

export const optionalFlag = z
  .boolean()
  .nullish()
  .transform((flag) => flag ?? false);

/** Checks the shape of a decoded value. The error names the place and the rule, not the value. */
export function parseShape<T>(
  schema: z.ZodType<T>,
  value: unknown,
  what: string,
  code: ProtocolErrorCode = 'invalid_message',
): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = issue?.path.join('.');
  throw new ProtocolError(code, `invalid ${what}: ${place ? `${place}: ` : ''}${issue?.message}`);
}
