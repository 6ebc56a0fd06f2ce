import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { UpgradeHandler } from './handlers.ts';
import { pathOf, WEB_SOCKET_PATH } from './http-server.ts';
import { NOT_FOUND_TEXT } from './responses.ts';
import { endWithText } from './unroutable.ts';

/**
 * Hands upgrade requests to `/ws` over, and keeps an eye on their sockets, which Node no longer counts among its own.
 * Returns the function that cuts them.
 */
export function routeUpgrades(server: Server, onUpgrade: UpgradeHandler | undefined): () => void {
  const upgraded = new Set<Duplex>();
  server.on('upgrade', (request, socket, head) => {
    if (onUpgrade === undefined || request.method !== 'GET' || pathOf(request.url) !== WEB_SOCKET_PATH) {
      endWithText(socket, 404, NOT_FOUND_TEXT);
      return;
    }
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    onUpgrade(request, socket, head);
  });
  return () => {
    for (const socket of upgraded) socket.destroy();
  };
}
