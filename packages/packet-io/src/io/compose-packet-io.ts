import type { LocalAddress, PacketIo } from '../packet-io.ts';
import type { PacketPlane, Path } from '../packet-plane.ts';
import type { SocketCounters } from './socket-counters.ts';

/** The part of a `PacketIo` that is not its plane. */
export interface PacketIoShell {
  readonly localAddresses: readonly LocalAddress[];
  readonly counters: SocketCounters;
  transmit(datagram: Uint8Array, path: Path): void;
  close(): Promise<void>;
}

/** Puts a plane and what carries its datagrams together. */
export function composePacketIo(plane: PacketPlane, shell: PacketIoShell): PacketIo {
  let closing: Promise<void> | undefined;
  return {
    localAddresses: shell.localAddresses,
    openSlot: (path, keys) => plane.openSlot(path, keys),
    moveSlot: (slot, path) => plane.moveSlot(slot, path),
    closeSlot: (slot) => plane.closeSlot(slot),
    send: (arena, descriptors, count) => plane.send(arena, descriptors, count),
    sendRtcp: (slot, compound) => plane.sendRtcp(slot, compound),
    createReceiver: (keys, limits) => plane.createReceiver(keys, limits),
    transmit: (datagram, path) => shell.transmit(datagram, path),
    stats: () => ({ ...plane.stats(), ...shell.counters }),
    close: () => {
      closing ??= shell.close();
      return closing;
    },
  };
}
