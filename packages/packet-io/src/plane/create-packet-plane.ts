import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { PacketPlane, PacketPlaneOptions, Path } from '../packet-plane.ts';
import { callbackSink } from './datagram-sink.ts';
import { DEFAULT_MAX_SLOTS } from './slot-table.ts';
import { TypeScriptPlane } from './typescript-plane.ts';

const optionsCheck = check.object<PacketPlaneOptions>({
  transmit: check.func,
  maxSlots: check.optional(check.integer(1)),
});

/**
 * Makes a plane that hands its datagrams to a function: for a simulated network, or a transport other than UDP. Throws
 * `PacketIoError` 'invalid_option'.
 */
export function createPacketPlane(options: PacketPlaneOptions): PacketPlane {
  validate('options', options, optionsCheck, (message) => new PacketIoError('invalid_option', message));
  const transmit = (datagram: Uint8Array, path: Path) => options.transmit(datagram, path);
  return new TypeScriptPlane(callbackSink(transmit), options.maxSlots ?? DEFAULT_MAX_SLOTS);
}
