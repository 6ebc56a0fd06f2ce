import { isIP } from 'node:net';
import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { Path } from '../packet-path.ts';

const pathCheck = check.object<Path>({
  local: check.integer(0),
  address: check.string,
  port: check.integer(1, 0xffff),
});

/** Throws `PacketIoError` `invalid_path` for what could not be sent to: checked once here, and not for every packet. */
export function checkPath(path: Path): void {
  validate('path', path, pathCheck, (message) => new PacketIoError('invalid_path', message));
  if (isIP(path.address) === 0) {
    throw new PacketIoError('invalid_path', `${JSON.stringify(path.address)} is not an IP address`);
  }
}
