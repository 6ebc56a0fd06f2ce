import { getSystemErrorName } from 'node:util';
import type { NativeAddon } from '../native/native-addon.ts';

/** Binds a socket to an IP address and returns its descriptor: Node does not tell that of a socket that it makes itself. */
export function bindNativeUdpSocket(addon: NativeAddon, { address, port }: { address: string; port: number }): number {
  const fd = addon.bindUdp(address, port);
  if (fd >= 0) return fd;
  const code = getSystemErrorName(fd);
  throw Object.assign(new Error(`bind ${code} ${address}:${port}`), { code });
}
