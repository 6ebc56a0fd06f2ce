import { isIP } from 'node:net';
import { PacketIoError } from '../errors.ts';
import type { Path } from '../packet-plane.ts';

/** Throws `PacketIoError` 'invalid_path' for what could not be sent to: checked once here, and not for every packet. */
export function checkPath({ local, address, port }: Path): void {
  if (isIP(address) === 0) {
    throw new PacketIoError('invalid_path', `${JSON.stringify(address)} is not an IP address`);
  }
  if (!Number.isInteger(port) || port < 1 || port > 0xffff) {
    throw new PacketIoError('invalid_path', `port ${port} is not between 1 and 65535`);
  }
  if (!Number.isInteger(local) || local < 0) {
    throw new PacketIoError('invalid_path', `${local} is not the index of a local address`);
  }
}
