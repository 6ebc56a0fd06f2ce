import { formatEndpoint } from '../format-endpoint.ts';
import type { LocalAddress, PacketIo } from '../packet-io.ts';
import type { Path, PathId } from '../packet-path.ts';
import type { DatagramTotals, PacketPlane } from '../packet-plane.ts';
import { joinPaths } from '../plane/create-packet-plane.ts';
import type { PathTable } from '../plane/path-table.ts';
import type { RelayTable } from './relay-table.ts';
import type { SocketCounters } from './socket-counters.ts';

/** The part of a `PacketIo` that is not its plane. */
export interface PacketIoShell {
  readonly localAddresses: readonly LocalAddress[];
  readonly counters: SocketCounters;
  readonly paths: PathTable;
  readonly relays: RelayTable;
  transmit(datagram: Uint8Array, path: Path): void;
  /** Connects a path that was opened, if its protocol knows connections. */
  connect?(id: PathId, path: Path): void;
  close(): Promise<void>;
}

/** Puts a plane and the sockets that carry its datagrams together. */
export function composePacketIo(
  plane: PacketPlane,
  { localAddresses, counters, paths, relays, transmit, connect, close }: PacketIoShell,
): PacketIo {
  const localOf = ({ local }: Path): LocalAddress | undefined => localAddresses[local] ?? relays.localAddress(local);
  let closing: Promise<void> | undefined;
  return {
    ...joinPaths(plane, paths),
    localAddresses,
    openPath: (path) => {
      const id = paths.openPath(path);
      connect?.(id, path);
      return id;
    },
    transmit: (datagram, id) => {
      const path = paths.pathOf(id);
      if (path === undefined) counters.sendErrors++;
      else transmit(datagram, path);
    },
    openRelay: (relay) => relays.add(relay),
    localAddressOf: (id) => {
      const path = paths.pathOf(id);
      return path && localOf(path);
    },
    describePath: (id) => {
      const path = paths.pathOf(id);
      return path === undefined
        ? `ended path ${id}`
        : formatPath(path, localAddresses[path.local], relays.localAddress(path.local));
    },
    stats: () => ({ ...plane.stats(), ...counters, ...addDatagrams(counters, plane.sockets?.totals()) }),
    close: () => {
      if (closing === undefined) {
        plane.sockets?.close();
        relays.close();
        closing = close();
      }
      return closing;
    },
  };
}

/** Datagrams of the sink, and those of the plane past it. */
function addDatagrams(counters: SocketCounters, plane?: DatagramTotals): Partial<SocketCounters> {
  if (plane === undefined) return {};
  return {
    datagramsSent: counters.datagramsSent + plane.datagramsSent,
    bytesSent: counters.bytesSent + plane.bytesSent,
    sendErrors: counters.sendErrors + plane.sendErrors,
    queueFullDrops: counters.queueFullDrops + plane.queueFullDrops,
  };
}

function formatPath(path: Path, socket: LocalAddress | undefined, relay: LocalAddress | undefined): string {
  const via = socket ? formatEndpoint(socket) : relay ? `relay ${formatEndpoint(relay)}` : `socket ${path.local}`;
  return `${socket?.protocol ?? 'udp'} ${formatEndpoint(path)} via ${via}`;
}
