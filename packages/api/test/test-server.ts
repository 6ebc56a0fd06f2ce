import type { Logger } from '@rtcd/boundary';
import { onTestFinished } from 'vitest';
import type { Api, ApiHandlers, ApiOptions } from '../src/index.ts';
import { startTestApi } from '../src/testing/index.ts';

/** A test server that is closed at the end of the test. */
export async function startServer(
  handlers: Partial<ApiHandlers> = {},
  options: Partial<Omit<ApiOptions, 'handlers'>> = {},
): Promise<Api> {
  const api = await startTestApi(handlers, options);
  onTestFinished(() => api.close());
  return api;
}

interface LogLine {
  readonly level: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly message: string;
}

/** Collects log lines in place of a logger. */
export function createLogRecorder(): Logger & { readonly lines: readonly LogLine[] } {
  const lines: LogLine[] = [];
  const log = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  const logger = {
    lines,
    debug: log('debug'),
    info: log('info'),
    warn: log('warn'),
    error: log('error'),
    child: () => logger,
  };
  return logger;
}
