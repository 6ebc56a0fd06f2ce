import { PacketIoError } from '../errors.ts';
import type { KnownPath, PacketPaths, PathId } from '../packet-path.ts';

/** Holds the path of a slot. Throws `PacketIoError` 'unknown_path'. */
export function holdPath(paths: PacketPaths, id: PathId): { readonly pathId: PathId; readonly path: KnownPath } {
  const pathId = paths.holdPath(id);
  const path = pathId === undefined ? undefined : paths.pathOf(pathId);
  if (pathId === undefined || path === undefined) {
    throw new PacketIoError('unknown_path', `path ${id} has ended, or was never open`);
  }
  return { pathId, path };
}
