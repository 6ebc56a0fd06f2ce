import type { HttpBindings } from '@hono/node-server';
import type { Logger } from '@rtcd/boundary';
import type { Context, Hono } from 'hono';
import type { DebugTools } from '../debug-tools.ts';
import { ApiError } from '../errors.ts';
import type { ApiCaller, ApiHandlers } from '../handlers.ts';

/** The Hono app that the routes are added to. */
export type App = Hono<{ Bindings: Partial<HttpBindings> }>;

/** One request, as routes get it. */
export type ApiContext = Context<{ Bindings: Partial<HttpBindings> }>;

/** Dependencies and settings of the routes. */
export interface AppOptions {
  readonly handlers: ApiHandlers;
  /** Lets clients register and unregister themselves. */
  readonly selfRegistration: boolean;
  /** Enables the admin, and the debug routes that only the admin may use. */
  readonly admin: boolean;
  readonly maxBodyBytes: number;
  readonly debugTools: DebugTools | undefined;
  readonly logger: Logger;
}

/** Authenticates a request. A refusal is logged with the address of the sender, and answered with one word. */
export async function requireCaller(c: ApiContext, { handlers, logger }: AppOptions): Promise<ApiCaller> {
  try {
    return await handlers.authenticate(c.req.header('Authorization'), sourceAddress(c));
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'unauthorized') throw error;
    const fields = { remoteAddress: remoteAddress(c), method: c.req.method, path: c.req.path, error: error.message };
    logger.warn(fields, 'authentication failed');
    throw new ApiError('unauthorized', 'unauthorized', { cause: error });
  }
}

/** The address of the sender of a request; unknown where the server that the routes are mounted in does not pass it on. */
export const sourceAddress = (c: ApiContext): string => c.env.incoming?.socket.remoteAddress ?? 'unknown';

/** The address of the sender of a request, with its port, for log lines. */
export function remoteAddress(c: ApiContext): string {
  return `${sourceAddress(c)}:${c.env.incoming?.socket.remotePort ?? 0}`;
}
