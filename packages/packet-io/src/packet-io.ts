import type { Socket, SocketOptions } from 'node:dgram';
import type { PacketIoError } from './errors.ts';
import type { PacketPaths, Path, PathId } from './packet-path.ts';
import type { CreatePlane, PacketPlane, PacketPlaneStats, PlaneKind } from './packet-plane.ts';

/** An address and port that one of our sockets is bound to. */
export interface LocalAddress {
  readonly protocol: 'udp' | 'tcp';
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
  /** Datagrams received from port 0, to which nothing can be sent, so that their source is forged (RFC 768). */
  readonly unanswerableDrops: number;
  /** Datagrams that the operating system refused, or that had no socket or no open path to go out on. */
  readonly sendErrors: number;
  /** Datagrams dropped because the socket's own queue, or that of a TCP connection, was full. */
  readonly queueFullDrops: number;
  /** RTP and RTCP that waited too long for a TCP connection whose peer reads too slowly. */
  readonly expiredDrops: number;
  /** TCP connections open now, those of strangers included. */
  readonly connections: number;
  /** TCP connections closed at once, as too many strangers had one. */
  readonly connectionDrops: number;
  /** TCP connections closed because their path was not held in time, or they spoke another protocol. */
  readonly strangerDrops: number;
  /** Frames on TCP connections that were skipped for their size. */
  readonly oversizedFrameDrops: number;
}

/** A packet plane on real sockets, or on a simulated network. */
export interface PacketIo extends PacketPlane, PacketPaths {
  /** In the order in which the addresses were given, those of TCP behind all of UDP. */
  readonly localAddresses: readonly LocalAddress[];
  /** Sends a datagram as it is: STUN, DTLS. Borrowed until return. */
  transmit(datagram: Uint8Array, path: PathId): void;
  /**
   * Adds a way to remotes besides the sockets. Paths over it have the `local` of the returned port, which is no index into `localAddresses`. With
   * the port's `close`, they end as if their connections broke.
   */
  openRelay(relay: PacketRelay): OpenRelay;
  /** The address of ours that the remote of a path sends to; undefined if the path has ended. */
  localAddressOf(path: PathId): LocalAddress | undefined;
  /** A path for people to read, as `udp 192.0.2.7:5000 via 192.0.2.1:8443`, or `via relay 203.0.113.1:50000`. */
  describePath(path: PathId): string;
  /** A copy of the totals, the sockets' among them. */
  stats(): PacketIoStats;
  /** Closes all sockets. Calling it again gives the same promise. */
  close(): Promise<void>;
}

/** Passes datagrams to remotes through a server, such as one of TURN. */
export interface PacketRelay {
  /** Address at the server that remotes send to. */
  readonly localAddress: LocalAddress;
  /** Sends a datagram to a remote. Borrowed until return. Must not throw. */
  send(datagram: Uint8Array, to: Path): void;
}

/** The side of a relay that faces the packet plane. */
export interface OpenRelay {
  /** `local` of paths over the relay. */
  readonly local: number;
  /** Takes a datagram that a remote sent to the relay, as if it had arrived on a socket. Borrowed until return. */
  receive(datagram: Uint8Array, address: string, port: number): void;
  /** Ends the relay. Calling it again does nothing. */
  close(): void;
}

/** An address to bind a socket to. */
export interface BindAddress {
  readonly address: string;
  /** 0 asks the operating system for a free one. */
  readonly port: number;
  /** Leaves the address out if this machine does not have it, or not yet, as long as there is another. Default false. */
  readonly optional?: boolean;
}

/** A TLS certificate with its chain, and its private key, both in PEM. */
export interface TlsIdentity {
  readonly cert: string;
  readonly key: string;
}

/**
 * TCP connections that carry the same packets, framed as in RFC 4571. Each is a path, and ends with the last hold of it. One that a peer made must be held
 * within 5 s, by a packet among its first few: until then it is a stranger's, and within these 5 s there may be 200 from a network and 2,000 in all.
 */
export interface TcpOptions {
  /** One server listens on each. `openPath` from these local addresses makes a connection. */
  readonly addresses: readonly BindAddress[];
  /** Takes TLS, too, on connections that begin with a ClientHello. Asked at each handshake; another object is another certificate. */
  readonly tls?: () => TlsIdentity;
}

/** Words of one descriptor given to `OnPackets`: path, offset, length, receive time. */
export const RECEIVED_WORDS = 4;

/**
 * Takes `count` packets from the network, the mirror of `send`. Descriptors are `RECEIVED_WORDS` words each: the number of the path,
 * offset and length in `arena`, and the receive time in microseconds of `performance.now()`, modulo 2^32. All of it is borrowed until
 * return; packets may be decrypted in place. See `eachPacket`.
 */
export type OnPackets = (arena: Uint8Array, descriptors: Uint32Array, count: number) => void;

/** Sizes of a socket's buffers in the kernel. */
export interface BufferSizes {
  readonly receiveBytes: number;
  readonly sendBytes: number;
}

/** The sockets to bind, and the receiver of their packets. */
export interface PacketIoOptions {
  /** One UDP socket is bound for each. */
  readonly addresses: readonly BindAddress[];
  readonly tcp?: TcpOptions;
  /** Reports an optional address that could not be bound. */
  onLeftOut?(error: PacketIoError): void;
  /** Reports the smallest buffers of the sockets, if the operating system granted less than was asked for. */
  onSmallBuffers?(granted: BufferSizes): void;
  onPackets: OnPackets;
  /**
   * Reports that a path which is held has ended, as its connection broke: its number is stale from now on, and sends to it are dropped.
   * UDP knows no connections.
   */
  onPathEnded?(path: PathId): void;
  /** Receives errors of a bound socket, which continues to work. */
  onError?(error: Error): void;
  /** Destinations open at a time. Default 65,536. */
  readonly maxSlots?: number;
  /** The plane that protects and sends: 'native' has to be built. Default: see `defaultPlane`. */
  readonly plane?: PlaneKind;
  /** Makes another plane. */
  readonly createPlane?: CreatePlane;
  /** Kernel buffer of each socket, best effort: the operating system may grant less. Default 16 MiB. */
  readonly receiveBufferBytes?: number;
  /** As above, for sending. Default 16 MiB. */
  readonly sendBufferBytes?: number;
  /** Makes each socket, as that of `node:dgram` does: for tests of what the operating system may refuse. */
  readonly createSocket?: (options: SocketOptions) => Socket;
}
