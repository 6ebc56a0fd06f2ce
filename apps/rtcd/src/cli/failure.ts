import { ApiError } from '@rtcd/api';
import { PacketIoError, type PacketIoErrorCode } from '@rtcd/packet-io';
import { RtcError } from '@rtcd/rtc';
import { StoreError } from '@rtcd/store';
import { ConfigError, LoggingError, UsageError } from '../errors.ts';

const EXPECTED = [UsageError, ConfigError, LoggingError, StoreError, ApiError, RtcError, PacketIoError];

/** The setting to change, for errors of libraries that do not know what it is called here. `*` stands for the protocol. */
const REMEDIES: Readonly<Partial<Record<PacketIoErrorCode, string>>> = {
  address_in_use: '. Stop that process, or set rtc.ice_port_* to another port',
  address_not_available: '. Set rtc.ice_address_* to addresses of this machine, or leave it empty for all of them',
  permission_denied: '. Set rtc.ice_port_* to a port above 1023',
};

/** One line for errors that the operator can fix; the stack for a bug. */
export function explainFailure(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (EXPECTED.some((expected) => error instanceof expected)) {
    const remedy = error instanceof PacketIoError ? (REMEDIES[error.code] ?? '') : '';
    const protocol = error.message.includes('listen on TCP') ? 'tcp' : 'udp';
    return error.message.replaceAll(/\s*\n\s*/g, ' ') + remedy.replace('*', protocol);
  }
  return error.stack ?? error.message;
}
