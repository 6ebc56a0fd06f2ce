import { Hono } from 'hono';
import { describeForClient } from '../errors.ts';
import { notFoundResponse, textResponse } from '../responses.ts';
import { addCallRoutes } from './calls.ts';
import type { App, AppOptions } from './context.ts';
import { addDebugRoutes } from './debug.ts';
import { addRegistrationRoutes } from './registration.ts';
import { addServiceRoutes } from './service.ts';

/** All routes of the service. */
export function createApp(options: AppOptions): App {
  const { logger } = options;
  const app: App = new Hono();
  app.notFound(() => notFoundResponse());
  app.onError((error, c) => {
    const { status, message } = describeForClient(error);
    if (status === 500) logger.error({ err: error, method: c.req.method, path: c.req.path }, 'request failed');
    return textResponse(message, status);
  });
  addServiceRoutes(app, options);
  addRegistrationRoutes(app, options);
  addCallRoutes(app, options);
  addDebugRoutes(app, options);
  return app;
}
