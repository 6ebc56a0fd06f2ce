import { ApiError } from '../errors.ts';
import { jsonResponse } from '../responses.ts';
import type { ApiContext } from './context.ts';
import { type App, type AppOptions, requireCaller } from './context.ts';

/** Adds the routes with which a client queries its own calls. An admin has none. */
export function addCallRoutes(app: App, options: AppOptions): void {
  const { handlers } = options;

  app.get('/calls/:callID/sessions', async (c) => {
    const clientID = await requireClient(c, options);
    return jsonResponse(handlers.callSessions(clientID, c.req.param('callID')));
  });

  app.get('/calls/:callID/sessions/:sessionID', async (c) => {
    const clientID = await requireClient(c, options);
    return jsonResponse(handlers.callSession(clientID, c.req.param('callID'), c.req.param('sessionID')));
  });
}

async function requireClient(c: ApiContext, options: AppOptions): Promise<string> {
  const { clientID } = await requireCaller(c, options);
  if (clientID === '') throw new ApiError('unauthorized', 'unauthorized');
  return clientID;
}
