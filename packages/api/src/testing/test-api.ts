import { type Api, type ApiOptions, startApi } from '../api.ts';
import type { ApiHandlers } from '../handlers.ts';
import { createTestHandlers } from './test-handlers.ts';

/** The real server on a free loopback port, with fixed answers where no handler is given. Close it when done. */
export function startTestApi(
  handlers: Partial<ApiHandlers> = {},
  options: Partial<Omit<ApiOptions, 'handlers'>> = {},
): Promise<Api> {
  return startApi({ listenAddress: '127.0.0.1:0', ...options, handlers: createTestHandlers(handlers) });
}
