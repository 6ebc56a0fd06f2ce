import type { PacketPlane, PacketPlaneOptions, Path } from '../packet-plane.ts';
import { callbackSink } from './datagram-sink.ts';
import { DEFAULT_MAX_SLOTS } from './slot-table.ts';
import { TypeScriptPlane } from './typescript-plane.ts';

/** Makes a plane that hands its datagrams to a function: for a simulated network, or a transport other than UDP. */
export function createPacketPlane(options: PacketPlaneOptions): PacketPlane {
  const transmit = (datagram: Uint8Array, path: Path) => options.transmit(datagram, path);
  return new TypeScriptPlane(callbackSink(transmit), options.maxSlots ?? DEFAULT_MAX_SLOTS);
}
