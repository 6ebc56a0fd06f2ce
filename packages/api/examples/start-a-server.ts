import { ApiError, startApi } from '@rtcd/api';
import { createTestHandlers } from '@rtcd/api/testing';

const api = await startApi({
  listenAddress: '127.0.0.1:0',
  selfRegistration: true,
  handlers: createTestHandlers({
    system: () => ({ cpuLoad: 0.25 }),
    async login({ clientID }) {
      if (clientID !== 'my-client') {
        throw new ApiError('invalid_request', 'login failed: I do not know you');
      }
      return 'a-bearer-token';
    },
  }),
});

const system = await fetch(`${api.url}/system`);
console.log(await system.json()); // { cpu_load: 0.25 }

const login = await fetch(`${api.url}/login`, { method: 'POST', body: '{"clientID":"eve","authKey":"?"}' });
console.log(await login.json()); // { code: '400', error: 'login failed: I do not know you' }

await api.close();
