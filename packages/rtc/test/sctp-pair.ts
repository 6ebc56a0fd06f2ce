import { type DataChannel, DataChannels, type DataChannelsOptions } from '../src/sctp/data-channels.ts';
import type { SctpCloseReason } from '../src/sctp/types.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';
import { SimulatedLink, type SimulatedLinkOptions } from '../src/testing/simulated-link.ts';
import { VirtualTime } from '../src/testing/virtual-time.ts';

/** Events that one side has reported through its port. */
export interface ChannelsReport {
  readonly opened: DataChannel[];
  readonly messages: { readonly channel: DataChannel; readonly data: Uint8Array | string }[];
  readonly channelsClosed: DataChannel[];
  readonly closed: SctpCloseReason[];
}

export interface ChannelsPair {
  readonly time: VirtualTime;
  readonly link: SimulatedLink;
  /** The active side, at `a`. */
  readonly client: DataChannels;
  readonly server: DataChannels;
  readonly atClient: ChannelsReport;
  readonly atServer: ChannelsReport;
  /** Lets time pass until `done`. False if that took longer than the limit. */
  until(done: () => boolean, limitMs?: number): boolean;
  /** Opens a channel from the client and waits until the server has it too. */
  openChannel(label?: string): { readonly atClient: DataChannel; readonly atServer: DataChannel };
}

export interface ChannelsPairOptions {
  readonly link?: Partial<SimulatedLinkOptions>;
  readonly client?: DataChannelsOptions;
  readonly server?: DataChannelsOptions;
  /** True if the server lets a client that aborts begin again. */
  readonly mayBeginAgain?: boolean;
}

/** Data channels at the two ends of a simulated link, not yet connected. */
export function createChannelsPair(options: ChannelsPairOptions = {}): ChannelsPair {
  const time = new VirtualTime();
  const link = new SimulatedLink(time, { seed: 1, delayMs: 10, ...options.link });
  const atClient = emptyReport();
  const atServer = emptyReport();
  const seed = options.link?.seed ?? 1;
  const client = new DataChannels(
    { dtlsRole: 'client', random: seededBytes(2 * seed), ...options.client },
    portOf(atClient, link.a.send),
  );
  const server = new DataChannels(
    { random: seededBytes(2 * seed + 1), ...options.server },
    { ...portOf(atServer, link.b.send), onAborted: () => options.mayBeginAgain === true },
  );
  link.a.onDatagram = (packet, nowMs) => client.receive(packet, nowMs);
  link.b.onDatagram = (packet, nowMs) => server.receive(packet, nowMs);
  time.attach(client);
  time.attach(server);
  const until = (done: () => boolean, limitMs = 600_000) => time.runWhile(() => !done(), time.nowMs + limitMs);
  const openChannel = (label = 'calls-dc') => {
    const openedBefore = atServer.opened.length;
    const channel = client.open(label, time.nowMs);
    client.connect(time.nowMs);
    until(() => atServer.opened.length > openedBefore && atClient.opened.includes(channel));
    return { atClient: channel, atServer: atServer.opened[openedBefore]! };
  };
  return { time, link, client, server, atClient, atServer, until, openChannel };
}

function emptyReport(): ChannelsReport {
  return { opened: [], messages: [], channelsClosed: [], closed: [] };
}

function portOf(report: ChannelsReport, send: (packet: Uint8Array) => void) {
  return {
    transmit: send,
    onChannelOpen: (channel: DataChannel) => void report.opened.push(channel),
    onMessage(channel: DataChannel, data: Uint8Array | string) {
      report.messages.push({ channel, data: typeof data === 'string' ? data : Uint8Array.from(data) });
    },
    onChannelClosed: (channel: DataChannel) => void report.channelsClosed.push(channel),
    onClosed: (reason: SctpCloseReason) => void report.closed.push(reason),
  };
}
