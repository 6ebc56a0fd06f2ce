import { ApiError } from '../errors.ts';
import type { App, AppOptions } from './app-options.ts';
import { requireCaller } from './caller.ts';

/** `/ws` without an upgrade; requests with one never get here. */
export function addWebSocketRoute(app: App, options: AppOptions): void {
  app.get('/ws', async (c) => {
    await requireCaller(c, options);
    throw new ApiError('invalid_request', 'this route takes WebSocket upgrades only');
  });
}
