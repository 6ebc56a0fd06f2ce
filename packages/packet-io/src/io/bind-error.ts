import { textOf } from '@rtcd/boundary';
import { PacketIoError, type PacketIoErrorCode } from '../errors.ts';
import { formatEndpoint } from '../format-endpoint.ts';

const BIND_ERRORS: Readonly<Record<string, { code: PacketIoErrorCode; hint: string }>> = {
  EADDRINUSE: { code: 'address_in_use', hint: 'another process uses it' },
  EADDRNOTAVAIL: { code: 'address_not_available', hint: 'it is not an address of this machine' },
  EAFNOSUPPORT: { code: 'address_not_available', hint: 'this machine does not support its address family' },
  EACCES: { code: 'permission_denied', hint: 'permission denied' },
  EPERM: { code: 'permission_denied', hint: 'permission denied' },
};

/** Error for an address and port that the operating system does not let us listen on. */
export function bindError(
  protocol: 'UDP' | 'TCP',
  address: { readonly address: string; readonly port: number },
  cause: unknown,
): PacketIoError {
  const known = cause instanceof Error && 'code' in cause ? BIND_ERRORS[String(cause.code)] : undefined;
  const hint = known?.hint ?? textOf(cause);
  const code = known?.code ?? 'listen_failed';
  return new PacketIoError(code, `cannot listen on ${protocol} ${formatEndpoint(address)}: ${hint}`, { cause });
}

/** Error for a text that is no address to listen on. */
export function invalidAddress(address: string): PacketIoError {
  return new PacketIoError('invalid_address', `${JSON.stringify(address)} is not an IP address to listen on`);
}
