import { check, validate } from '@rtcd/boundary';
import { PacketIoError } from '../errors.ts';
import type { PacketPaths, Path } from '../packet-path.ts';
import type { CreatePlane, PacketPlane, PacketPlaneOptions } from '../packet-plane.ts';
import { callbackSink } from './datagram-sink.ts';
import { PathTable } from './path-table.ts';
import { DEFAULT_MAX_SLOTS } from './slot-table.ts';
import { TypeScriptPlane } from './typescript-plane.ts';

const optionsCheck = check.object<PacketPlaneOptions>({
  transmit: check.func,
  maxSlots: check.optional(check.integer(1)),
});

/** Makes the plane that is used unless another one is asked for. */
export const createTypeScriptPlane: CreatePlane = (parts) => new TypeScriptPlane(parts);

/**
 * Makes a plane that hands its datagrams to a function, with a path table of its own: for a transport other than sockets. Throws
 * `PacketIoError` 'invalid_option'.
 */
export function createPacketPlane(options: PacketPlaneOptions): PacketPlane & PacketPaths {
  validate('options', options, optionsCheck, (message) => new PacketIoError('invalid_option', message));
  const paths = new PathTable();
  const sink = callbackSink((datagram: Uint8Array, path: Path) => options.transmit(datagram, path));
  const plane = createTypeScriptPlane({ sink, paths, maxSlots: options.maxSlots ?? DEFAULT_MAX_SLOTS });
  return joinPaths(plane, paths);
}

/** A plane with the paths that it sends on, as one object. */
export function joinPaths(plane: PacketPlane, paths: PacketPaths): PacketPlane & PacketPaths {
  return {
    openPath: (path) => paths.openPath(path),
    holdPath: (id) => paths.holdPath(id),
    releasePath: (id) => paths.releasePath(id),
    pathOf: (id) => paths.pathOf(id),
    openSlot: (path, keys) => plane.openSlot(path, keys),
    moveSlot: (slot, path) => plane.moveSlot(slot, path),
    closeSlot: (slot) => plane.closeSlot(slot),
    send: (arena, descriptors, count) => plane.send(arena, descriptors, count),
    sendRtcp: (slot, compound) => plane.sendRtcp(slot, compound),
    createReceiver: (keys, limits) => plane.createReceiver(keys, limits),
    stats: () => plane.stats(),
  };
}
