import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import type { DebugTools } from '../debug/tools.ts';
import { describeForClient } from '../errors.ts';
import type { ApiHandlers } from '../handlers.ts';
import type { Logger } from '../ports.ts';
import { notFoundResponse, textResponse } from '../responses.ts';
import { addCallRoutes } from './calls.ts';
import { addDebugRoutes } from './debug.ts';
import { addRegistrationRoutes } from './registration.ts';
import { addServiceRoutes } from './service.ts';
import { addWebSocketRoute } from './web-socket.ts';

export type App = Hono<{ Bindings: HttpBindings }>;

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

/** All routes of the service. */
export function createApp(options: AppOptions): App {
  const { logger } = options;
  const app: App = new Hono();
  app.notFound(() => notFoundResponse());
  app.onError((error, c) => {
    const { status, message } = describeForClient(error);
    if (status === 500) {
      logger.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
    }
    return textResponse(message, status);
  });
  addServiceRoutes(app, options);
  addRegistrationRoutes(app, options);
  addCallRoutes(app, options);
  addWebSocketRoute(app, options);
  addDebugRoutes(app, options);
  return app;
}
