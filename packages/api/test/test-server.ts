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

/** Collects log lines in place of a logger. */
export function createLogRecorder() {
  const lines: Array<{ level: string; fields: Record<string, unknown>; message: string }> = [];
  const log = (level: string) => (fields: object, message: string) => {
    lines.push({ level, fields: { ...fields }, message });
  };
  return { lines, debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
}
