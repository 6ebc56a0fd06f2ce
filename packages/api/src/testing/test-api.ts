import { type Api, type ApiOptions, startApi } from '../api.ts';
import { ApiError } from '../errors.ts';
import type { ApiHandlers } from '../handlers.ts';

/** The `Authorization` header that the test handlers accept as the client `client`. */
export const CLIENT_AUTHORIZATION = 'Bearer client';
/** The `Authorization` header that the test handlers accept as the admin. */
export const ADMIN_AUTHORIZATION = 'Bearer admin';

/** Handlers with fixed answers, for tests of what surrounds them; any of them can be overridden. */
export function createTestHandlers(overrides: Partial<ApiHandlers> = {}): ApiHandlers {
  return {
    version: () => ({ buildDate: '', buildVersion: 'dev', buildHash: '', goVersion: '', goOS: '', goArch: '' }),
    system: () => ({ cpuLoad: 0.5 }),
    metrics: async () => ({ contentType: 'text/plain; version=0.0.4', body: 'up 1\n' }),
    unreadyReason: () => undefined,
    async authenticate(authorization) {
      switch (authorization) {
        case CLIENT_AUTHORIZATION:
          return { clientID: 'client', admin: false };
        case ADMIN_AUTHORIZATION:
          return { clientID: '', admin: true };
        default:
          throw new ApiError('unauthorized', 'authentication failed');
      }
    },
    register: async () => {},
    unregister: async () => {},
    login: async ({ clientID }) => clientID,
    callSessions: () => [],
    callSession: () => ({}),
    debugSessions: () => [],
    debugSession: () => ({}),
    debugCalls: () => [],
    debugCall: () => ({}),
    captureSession: async () => new Uint8Array(),
    ...overrides,
  };
}

/** The real server on a free loopback port, with fixed answers where no handler is given. Close it when done. */
export function startTestApi(
  handlers: Partial<ApiHandlers> = {},
  options: Partial<Omit<ApiOptions, 'handlers'>> = {},
): Promise<Api> {
  return startApi({ listenAddress: '127.0.0.1:0', ...options, handlers: createTestHandlers(handlers) });
}
