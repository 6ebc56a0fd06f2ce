import { createServer } from 'node:http';
import { createWsServer, WsError } from '@rtcd/ws/server';

const keys = new Map([['my-installation', 'a key of at least 32 characters.']]);

export const ws = createWsServer({
  async authenticate(request) {
    const credentials = request.headers.authorization?.replace(/^Basic /, '') ?? '';
    const [clientID = '', authKey] = Buffer.from(credentials, 'base64').toString().split(':');
    if (authKey === undefined || keys.get(clientID) !== authKey) {
      throw Object.assign(new Error('authentication failed'), { status: 401 });
    }
    return { clientID };
  },
});

ws.on('open', ({ connID, clientID }) => console.log(`${clientID} connected as ${connID}`));
ws.on('message', ({ connID }, bytes) => {
  try {
    ws.send(connID, bytes);
  } catch (error) {
    if (!(error instanceof WsError)) throw error;
    console.warn(error.message); // gone, or too slow for all that it is sent
  }
});
ws.on('close', ({ connID }, { code, reason }) => console.log(`${connID} left: ${code} ${reason}`));

export const http = createServer((_request, response) => response.writeHead(404).end());
http.on('upgrade', (request, socket, head) => ws.handleUpgrade(request, socket, head));
http.listen(Number(process.env.PORT ?? 8045), '127.0.0.1');

process.once('SIGTERM', async () => {
  await ws.close();
  http.close();
});
