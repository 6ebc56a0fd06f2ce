import { type BufferSizes, eachPacket, openPacketIo, type PacketIo, PacketIoError } from '@rtcd/packet-io';
import { ArrivalProbe } from '../ice/arrival-probe.ts';
import type { CandidateProtocol } from '../ice/candidate.ts';
import { StunClient } from '../ice/stun-client.ts';
import { asBuffer } from '../io/as-buffer.ts';
import { type ListenOptions, listenAddresses } from '../io/listen-addresses.ts';
import type { TransportAddress } from '../stun/address.ts';
import { type AddressEntry, addressTable } from './address-table.ts';
import { Advertising, type AdvertisingOptions } from './advertising.ts';
import { advertisingOptionsOf, listenOptionsOf, tcpListenOptionsOf } from './open-engine.ts';
import { checkSfuOptions, type SfuOptions } from './sfu-options.ts';
import { resolveStunServers } from './stun-servers.ts';

/** Answer of a STUN server to one of our sockets, or its silence. */
export interface StunProbe {
  readonly server: string;
  readonly local: TransportAddress;
  /** Address under which the server sees the socket. Undefined: no answer within 5 s. */
  readonly mapped?: TransportAddress;
  /** True if packets arrive from an address that the socket has not sent to. Undefined if the server cannot tell (RFC 5780). */
  readonly isOpen?: boolean;
}

/** The network, as it looks from the media sockets of an SFU. */
export interface NetworkProbe {
  /** Failure to bind the sockets. Everything else was then tried with sockets at other ports. */
  readonly bindError?: PacketIoError;
  /** Sizes of the kernel's buffers, if these are smaller than requested. */
  readonly smallBuffers?: BufferSizes;
  readonly addresses: readonly AddressEntry[];
  readonly stun: readonly StunProbe[];
  /** Advertised addresses that are not this machine's own, and whether a packet from here to there came back here. */
  readonly arrivals: ReadonlyArray<TransportAddress & { readonly hasArrived: boolean }>;
}

/**
 * Opens the sockets of an SFU for a moment, and finds out which addresses it would advertise and whether they lead to the sockets. `stunServers` are
 * asked in addition to those in the options. Rejects with `RtcError` `invalid_option` for what cannot be meant.
 */
export async function probeNetwork(options: SfuOptions, stunServers: readonly string[] = []): Promise<NetworkProbe> {
  checkSfuOptions(options);
  const advertisingOptions = advertisingOptionsOf(options);
  const advertising = await Advertising.prepare(advertisingOptions);
  try {
    return await probe(options, stunServers, advertising, advertisingOptions);
  } finally {
    advertising.close();
  }
}

async function probe(
  options: SfuOptions,
  stunServers: readonly string[],
  advertising: Advertising,
  advertisingOptions: AdvertisingOptions,
): Promise<NetworkProbe> {
  let receive = (_datagram: Buffer): void => {};
  const listen = listenOptionsOf(options);
  const tcpListen = tcpListenOptionsOf(options);
  const { io, ...opened } = await openSockets(listen, tcpListen, (datagram) => receive(datagram));
  if (io === undefined) {
    const machine = advertisingOptions.interfaceAddresses?.() ?? [];
    return { ...opened, addresses: addressTable(machine, [], []), stun: [], arrivals: [] };
  }
  const ports = { ...advertisingOptions, io };
  const questions = new StunClient(ports);
  const arrivals = new ArrivalProbe(ports);
  receive = (datagram) => {
    if (!advertising.receive(datagram) && !questions.receive(datagram)) arrivals.receive(datagram);
  };
  try {
    await advertising.start(io);
    const servers = await resolveStunServers([...new Set([...(options.stunServers ?? []), ...stunServers])], {
      ...advertisingOptions,
      onUnresolved: () => {},
    });
    return {
      ...opened,
      addresses: opened.bindError
        ? atPorts(advertising.addresses, { udp: listen.port, tcp: tcpListen.port })
        : advertising.addresses,
      stun: await askAll(questions, servers),
      arrivals: await tryAll(arrivals, advertising.addresses, io),
    };
  } finally {
    questions.close();
    await io.close();
  }
}

interface Opened extends Pick<NetworkProbe, 'bindError' | 'smallBuffers'> {
  readonly io?: PacketIo;
}

/** Opens the sockets, if need be at other ports. */
async function openSockets(
  listen: ListenOptions,
  tcpListen: ListenOptions,
  onPacket: (datagram: Buffer) => void,
): Promise<Opened> {
  const found: { smallBuffers?: BufferSizes } = {};
  const open = (change: Pick<ListenOptions, 'port'> | undefined) =>
    openPacketIo({
      addresses: listenAddresses({ ...listen, ...change }),
      tcp: { addresses: listenAddresses({ ...tcpListen, ...change }) },
      onPackets: eachPacket((packet) => onPacket(asBuffer(packet))),
      onSmallBuffers: (granted) => {
        found.smallBuffers = granted;
      },
    });
  let bindError: PacketIoError | undefined;
  for (const change of [undefined, { port: 0 }]) {
    try {
      const io = await open(change);
      return { io, ...found, ...(bindError && { bindError }) };
    } catch (error) {
      if (!(error instanceof PacketIoError)) throw error;
      bindError ??= error;
    }
  }
  return bindError ? { bindError } : {};
}

/** The table as it would be if the sockets were bound to their own ports. */
const atPorts = (
  addresses: readonly AddressEntry[],
  ports: Readonly<Record<CandidateProtocol, number>>,
): AddressEntry[] =>
  addresses.map((entry) => {
    const { socket, advertised } = entry;
    if (socket === undefined) return entry;
    const port = ports[socket.protocol];
    return {
      ...entry,
      socket: { ...socket, port },
      advertised: advertised.map((to) => (to.port === socket.port ? { ...to, port } : to)),
    };
  });

async function askAll(questions: StunClient, servers: Parameters<StunClient['ask']>[0]): Promise<readonly StunProbe[]> {
  const answers = await questions.ask(servers, { waitForAll: true });
  const canTell = servers.filter(({ url }) => answers.some(({ server, other }) => server === url && other));
  const fromOther = await questions.ask(canTell, { waitForAll: true, fromOtherAddress: true });
  return answers.map(({ server, local, mapped, other }) => {
    const again = fromOther.find((one) => one.server === server && one.local === local);
    return {
      server,
      local: { address: local.address, port: local.port },
      ...(mapped && { mapped }),
      ...(other && again && { isOpen: again.mapped !== undefined }),
    };
  });
}

async function tryAll(
  probe: ArrivalProbe,
  addresses: readonly AddressEntry[],
  io: PacketIo,
): Promise<NetworkProbe['arrivals']> {
  const targets = addresses.flatMap(({ address: own, socket, advertised }) => {
    // Packets are sent from UDP sockets only.
    const local = io.localAddresses.findIndex(
      ({ protocol, address, port }) =>
        protocol === 'udp' && protocol === socket?.protocol && address === own && port === socket.port,
    );
    return local < 0 ? [] : advertised.filter(({ address }) => address !== own).map((to) => ({ local, ...to }));
  });
  return Promise.all(
    targets.map(async (to) => ({ address: to.address, port: to.port, hasArrived: await probe.arrives(to) })),
  );
}
