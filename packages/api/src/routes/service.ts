import { systemInfoToJSON } from '@rtcd/protocol';
import { ApiError } from '../errors.ts';
import { jsonResponse, textResponse } from '../responses.ts';
import { type App, type AppOptions, requireCaller } from './context.ts';

/** Adds the routes about the service itself, which anyone may read, and `/ws`. */
export function addServiceRoutes(app: App, options: AppOptions): void {
  const { handlers } = options;
  app.get('/version', () => jsonResponse(handlers.version()));

  app.get('/system', () => jsonResponse(systemInfoToJSON(handlers.system())));

  app.all('/metrics', async () => {
    const { contentType, body } = await handlers.metrics();
    return new Response(body, { headers: { 'Content-Type': contentType } });
  });

  app.get('/healthz', () => textResponse('ok'));

  app.get('/readyz', () => {
    const reason = handlers.unreadyReason();
    return reason === undefined ? textResponse('ok') : textResponse(reason, 503);
  });

  // Requests with an upgrade never get here.
  app.get('/ws', async (c) => {
    await requireCaller(c, options);
    throw new ApiError('invalid_request', 'this route takes WebSocket upgrades only');
  });
}
