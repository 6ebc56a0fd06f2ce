import { z } from 'zod';
import type { SettingKind } from './setting.ts';

/** From everything to next to nothing. PANIC is another name for FATAL. */
export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL', 'PANIC'] as const;

/** The level from which up lines are written: TRACE, DEBUG, INFO, WARN, ERROR, FATAL, or PANIC, which is FATAL too. */
export type LogLevel = (typeof LOG_LEVELS)[number];

export const logLevel: SettingKind<LogLevel> = {
  schema: z.string().toUpperCase().pipe(z.enum(LOG_LEVELS)),
  expected: `be one of ${LOG_LEVELS.join(', ')}`,
  fromText: (text) => text,
};
