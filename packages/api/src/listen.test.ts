import { Server } from 'node:net';
import { expect, it, vi } from 'vitest';
import { listen } from './listen.ts';

/** A server whose address the system refuses. */
function refusing(code: string): Server {
  const server = new Server();
  server.listen = () => {
    process.nextTick(() => server.emit('error', Object.assign(new Error(`listen ${code}`), { code })));
    return server;
  };
  return server;
}

it('has the kernel keep more connections than Node would', async () => {
  const server = refusing('EACCES');
  const listened = vi.spyOn(server, 'listen');
  await listen(server, { port: 80 }).catch(() => {});
  expect(listened).toHaveBeenCalledWith({ port: 80, backlog: 4_096 }, expect.any(Function));
});

it.each([
  ['EADDRINUSE', 'address_in_use', 'the port is in use. Stop the process that uses it, or set another listen address'],
  ['EACCES', 'permission_denied', 'permission denied. Ports below 1024 require privileges; set a higher one'],
  [
    'EADDRNOTAVAIL',
    'address_not_available',
    'this machine has no such address. Set one that it has, or omit the host to listen on all',
  ],
  ['EMFILE', 'listen_failed', 'listen EMFILE'],
])('turns %s into a typed error that names the address', async (systemCode, code, reason) => {
  await expect(listen(refusing(systemCode), { host: '::1', port: 80 })).rejects.toMatchObject({
    name: 'ApiError',
    code,
    message: `cannot listen for HTTP on [::1]:80: ${reason}`,
  });
  await expect(listen(refusing(systemCode), { port: 80 })).rejects.toThrow('cannot listen for HTTP on :80: ');
});
