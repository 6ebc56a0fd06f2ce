import type { Server } from 'node:http';

/**
 * Makes the function that ends a server: nothing more is accepted, requests under way may end within the limit, idle
 * connections end at once. `cutOff` ends connections that only the caller knows, after the limit.
 */
export function prepareGracefulClose(server: Server, limitMs: number, cutOff: () => void): () => Promise<void> {
  let closing: Promise<void> | undefined;
  server.on('request', (_, response) => {
    response.once('close', () => {
      if (closing !== undefined) server.closeIdleConnections();
    });
  });

  return () => {
    closing ??= new Promise((resolve) => {
      const limit = setTimeout(() => {
        server.closeAllConnections();
        cutOff();
      }, limitMs);
      server.close(() => {
        clearTimeout(limit);
        resolve();
      });
      server.closeIdleConnections();
    });
    return closing;
  };
}
