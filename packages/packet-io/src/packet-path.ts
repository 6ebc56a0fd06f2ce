/** A remote address as seen from one of our sockets. */
export interface Path {
  /** Index into `PacketIo.localAddresses` of the socket that faces the remote, or number of a relay. */
  readonly local: number;
  /** IPv4 or IPv6 address of the remote, never a host name. */
  readonly address: string;
  readonly port: number;
}

/** A path as the table knows it. Holders of the object need no look-up to find that the path has ended. */
export interface KnownPath extends Path {
  readonly hasEnded: boolean;
}

/** Number of a path. Once the path has ended, its number reaches no other path for the next thousand uses of its place. */
export type PathId = number;

/**
 * Paths by number. A path is open while it is held, and each hold ends with one `releasePath`. Packets from remotes whose path is
 * not held come under numbers that are good until the receiving call returns: strangers take no room.
 */
export interface PacketPaths {
  /** Opens the path to a remote, or holds it once more. Throws `PacketIoError` `invalid_path` or `too_many_paths`. */
  openPath(path: Path): PathId;
  /**
   * Holds the path that a packet came on, or once more a path that is open. Returns its number from now on, which is another one if
   * the remote's path was opened meanwhile; undefined if the path has ended or too many are held.
   */
  holdPath(id: PathId): PathId | undefined;
  /** Ends one hold, and with the last one the path. Does nothing for a path that has ended. */
  releasePath(id: PathId): void;
  /** The remote's address, to answer with or to log; undefined if the path has ended. */
  pathOf(id: PathId): KnownPath | undefined;
}
