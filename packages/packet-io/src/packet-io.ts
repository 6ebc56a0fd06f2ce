import type { PacketIoError } from './errors.ts';
import type { PacketPlane, PacketPlaneStats, Path } from './packet-plane.ts';

/** An address and port that one of our sockets is bound to. */
export interface LocalAddress {
  readonly address: string;
  readonly port: number;
  readonly family: 4 | 6;
}

/** The plane's totals, and those of its sockets. */
export interface PacketIoStats extends PacketPlaneStats {
  readonly datagramsReceived: number;
  readonly bytesReceived: number;
  readonly datagramsSent: number;
  readonly bytesSent: number;
  /** Datagrams that the operating system refused, or that had no socket to go out on. */
  readonly sendErrors: number;
  /** Datagrams dropped because the socket's own queue was full. */
  readonly queueFullDrops: number;
}

/** A packet plane on real sockets, or on a simulated network. */
export interface PacketIo extends PacketPlane {
  /** In the order in which the addresses were given. */
  readonly localAddresses: readonly LocalAddress[];
  /** Sends a datagram as it is: STUN, DTLS. Borrowed until return. */
  transmit(datagram: Uint8Array, path: Path): void;
  /** A copy of the totals, the sockets' among them. */
  stats(): PacketIoStats;
  /** Closes all sockets. Calling it again gives the same promise. */
  close(): Promise<void>;
}

/** An address to bind a socket to. */
export interface BindAddress {
  readonly address: string;
  /** 0 asks the operating system for a free one. */
  readonly port: number;
  /** Leaves the address out if this machine does not have it, or not yet, as long as there is another. Default false. */
  readonly optional?: boolean;
}

/** The sockets to bind, and who takes what they receive. */
export interface PacketIoOptions {
  /** One socket is bound for each. */
  readonly addresses: readonly BindAddress[];
  /** Reports an optional address that could not be bound. */
  onLeftOut?(error: PacketIoError): void;
  /** One datagram from the network. It is borrowed until return and may be decrypted in place. */
  onDatagram(datagram: Uint8Array, path: Path): void;
  /** What a bound socket reports; it goes on working. */
  onError?(error: Error): void;
  /** Destinations open at a time. Default 65,536. */
  readonly maxSlots?: number;
  /** Kernel buffer of each socket, best effort: the operating system may grant less. Default 4 MiB. */
  readonly receiveBufferBytes?: number;
  /** As above, for sending. Default 4 MiB. */
  readonly sendBufferBytes?: number;
}
