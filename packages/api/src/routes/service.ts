import { jsonResponse, textResponse } from '../responses.ts';
import type { App, AppOptions } from './app-options.ts';

/** What the service says of itself, to anybody. */
export function addServiceRoutes(app: App, { handlers }: AppOptions): void {
  app.get('/version', () => jsonResponse(handlers.version()));

  app.get('/system', () => jsonResponse(handlers.system()));

  app.all('/metrics', async () => {
    const { contentType, body } = await handlers.metrics();
    return new Response(body, { headers: { 'Content-Type': contentType } });
  });

  app.get('/healthz', () => textResponse('ok'));

  app.get('/readyz', () => (handlers.isReady() ? textResponse('ok') : textResponse('draining', 503)));
}
