import { ApiError } from '../errors.ts';
import { readStringMap } from '../string-map.ts';
import { audited } from './audit.ts';
import { type App, type AppOptions, sourceAddress } from './context.ts';

/** `/register`, `/unregister` and `/login`. The order of the checks is part of the contract. */
export function addRegistrationRoutes(app: App, options: AppOptions): void {
  const { handlers, selfRegistration, admin, maxBodyBytes, logger } = options;

  app.post(
    '/register',
    audited('register', logger, async (c, trail) => {
      if (!selfRegistration) await handlers.authenticate(c.req.header('Authorization'), sourceAddress(c));
      const body = await readStringMap(c.req.raw, maxBodyBytes);
      const clientID = body.get('clientID') ?? '';
      trail.clientID = clientID;
      await handlers.register({ clientID, authKey: body.get('authKey') ?? '' }, sourceAddress(c));
      return { status: 201, fields: { clientID } };
    }),
  );

  app.post(
    '/unregister',
    audited('unregister', logger, async (c, trail) => {
      if (!admin && !selfRegistration) throw new ApiError('forbidden', 'unregister not enabled');
      const caller = await handlers.authenticate(c.req.header('Authorization'), sourceAddress(c));
      const clientID = (await readStringMap(c.req.raw, maxBodyBytes)).get('clientID') ?? '';
      trail.clientID = clientID;
      if (clientID === '') throw new ApiError('invalid_request', 'client id should not be empty');
      if (!caller.admin && caller.clientID !== clientID) throw new ApiError('forbidden', 'client id not valid');
      await handlers.unregister(clientID);
      return { status: 200, fields: {} };
    }),
  );

  app.post(
    '/login',
    audited('login', logger, async (c, trail) => {
      const body = await readStringMap(c.req.raw, maxBodyBytes);
      const clientID = body.get('clientID') ?? '';
      trail.clientID = clientID;
      const bearerToken = await handlers.login({ clientID, authKey: body.get('authKey') ?? '' }, sourceAddress(c));
      return { status: 200, fields: { bearerToken } };
    }),
  );
}
