import type { HttpBindings } from '@hono/node-server';
import type { Logger } from '@rtcd/boundary';
import type { Hono } from 'hono';
import type { DebugTools } from '../debug/tools.ts';
import type { ApiHandlers } from '../handlers.ts';

/** What the routes are added to. */
export type App = Hono<{ Bindings: Partial<HttpBindings> }>;

/** What the routes work with. */
export interface AppOptions {
  readonly handlers: ApiHandlers;
  /** Whether clients may register and unregister themselves. */
  readonly selfRegistration: boolean;
  /** Whether there is an admin, who alone reaches the debug routes. */
  readonly admin: boolean;
  readonly maxBodyBytes: number;
  readonly debugTools: DebugTools | undefined;
  readonly logger: Logger;
}
