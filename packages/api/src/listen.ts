import type { AddressInfo, Server } from 'node:net';
import { ApiError } from './errors.ts';
import { formatAddress, type ListenAddress } from './listen-address.ts';

/** Connections that the kernel keeps until they are accepted; it may be set to keep fewer. Node's default of 511 is full in a moment when clients come back. */
const BACKLOG = 4_096;

/** Binds the server. Rejects with an `ApiError` that names the address and the remedy. */
export function listen(server: Server, address: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, address)));
    server.listen({ ...address, backlog: BACKLOG }, () => {
      server.removeAllListeners('error');
      resolve(server.address() as AddressInfo);
    });
  });
}

function listenError(cause: NodeJS.ErrnoException, { host = '', port }: ListenAddress): ApiError {
  const where = `cannot listen for HTTP on ${formatAddress(host, port)}`;
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ApiError(
        'address_in_use',
        `${where}: the port is in use. Stop the process that uses it, or set another listen address`,
        { cause },
      );
    case 'EACCES':
      return new ApiError(
        'permission_denied',
        `${where}: permission denied. Ports below 1024 require privileges; set a higher one`,
        { cause },
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ApiError(
        'address_not_available',
        `${where}: this machine has no such address. Set one that it has, or omit the host to listen on all`,
        { cause },
      );
    default:
      return new ApiError('listen_failed', `${where}: ${cause.message}`, { cause });
  }
}
