import { check, type Logger, silentLogger, validate } from '@rtcd/boundary';
import { ApiError } from './errors.ts';
import { type ApiHandlers, handlersCheck } from './handlers.ts';
import { createApp } from './routes/app.ts';

/** Options of `createApiApp`. Only `handlers` is required. */
export interface ApiAppOptions {
  readonly handlers: ApiHandlers;
  /** Lets clients register and unregister themselves. Default false. */
  readonly selfRegistration?: boolean | undefined;
  /** Enables the admin, who may register and unregister any client. Default false. */
  readonly admin?: boolean | undefined;
  /** Default 16,384. */
  readonly maxBodyBytes?: number | undefined;
  readonly logger?: Logger | undefined;
}

/** The routes of the API, to be mounted in a server of your own. */
export interface ApiApp {
  /**
   * Answers a request; 404 for unknown paths. `env` is what the server's adapter passes on: with that of `@hono/node-server`,
   * log lines have the remote address.
   */
  fetch(request: Request, env?: object): Promise<Response>;
}

/** A clientID of 1,024 characters, each escaped, and a key. */
export const DEFAULT_MAX_BODY_BYTES = 16_384;

const optionsCheck = check.object<ApiAppOptions>({
  handlers: handlersCheck,
  selfRegistration: check.optional(check.boolean),
  admin: check.optional(check.boolean),
  maxBodyBytes: check.optional(check.integer(1)),
  logger: check.optional(check.logger),
});

/**
 * Makes the routes of `startApi` without its server: no debug routes, no upgrades to `/ws` (pass these to your `WsServer`),
 * and none of its answers to malformed requests. Throws `ApiError` `invalid_option`.
 */
export function createApiApp(options: ApiAppOptions): ApiApp {
  validate('options', options, optionsCheck, (message) => new ApiError('invalid_option', message));
  const { handlers, selfRegistration = false, admin = false, logger = silentLogger } = options;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const app = createApp({ handlers, selfRegistration, admin, maxBodyBytes, debugTools: undefined, logger });
  return { fetch: async (request, env = {}) => app.fetch(request, env) };
}
