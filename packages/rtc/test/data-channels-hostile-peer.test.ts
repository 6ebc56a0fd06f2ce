import { describe, expect, it } from 'vitest';
import { SctpAssociation } from '../src/sctp/association.ts';
import { type DataChannel, DataChannels, type DataChannelsOptions } from '../src/sctp/data-channels.ts';
import { encodeAck, encodeOpen } from '../src/sctp/dcep.ts';
import { readInit } from '../src/sctp/wire/init.ts';
import { parsePacket } from '../src/sctp/wire/packet.ts';
import { encodeOutgoingReset } from '../src/sctp/wire/re-config.ts';
import { packetOf } from './sctp-raw-peer.ts';

const DCEP = 50;
const STRING = 51;
const BINARY = 53;

/** Our data channels, and a peer that puts what it likes into streams. */
function connect(options: DataChannelsOptions = {}) {
  const toServer: Uint8Array[] = [];
  const sentToServer: Uint8Array[] = [];
  const toPeer: Uint8Array[] = [];
  const opened: DataChannel[] = [];
  const closed: DataChannel[] = [];
  const messages: (Uint8Array | string)[] = [];
  const acks: number[] = [];
  const resets: (readonly number[])[] = [];
  const server = new DataChannels(options, {
    transmit: (packet) => void toPeer.push(packet),
    onChannelOpen: (channel) => void opened.push(channel),
    onMessage: (_channel, data) => void messages.push(data),
    onChannelClosed: (channel) => void closed.push(channel),
    onClosed() {},
  });
  const peer = new SctpAssociation(
    {},
    {
      transmit(packet) {
        toServer.push(packet);
        sentToServer.push(packet);
      },
      onConnected() {},
      onMessage: (streamId, ppid) => void (ppid === DCEP && acks.push(streamId)),
      onStreamsReset: (streamIds) => void resets.push(streamIds),
      onClosed() {},
    },
  );
  const pump = () => {
    while (toServer.length + toPeer.length > 0) {
      for (const packet of toServer.splice(0)) server.receive(packet, 0);
      for (const packet of toPeer.splice(0)) peer.receive(packet, 0);
    }
  };
  const send = (streamId: number, ppid: number, data: Uint8Array) => {
    peer.send(streamId, ppid, data, 0);
    pump();
  };
  const open = (streamId: number, label = 'calls-dc') => {
    send(streamId, DCEP, encodeOpen({ label, protocol: '', ordered: true })!);
  };
  peer.connect(0);
  pump();
  return { server, peer, sentToServer, pump, send, open, opened, closed, messages, acks, resets };
}

describe('data channels with a peer that misbehaves', () => {
  it('are opened up to a limit; further ones are closed without an acknowledgment', () => {
    const { open, opened, acks, resets, server } = connect({ maxChannels: 3 });
    for (let streamId = 0; streamId < 10; streamId += 2) open(streamId);
    expect(opened.map(({ id }) => id)).toEqual([0, 2, 4]);
    expect(acks).toEqual([0, 2, 4]);
    expect(resets).toEqual([[6], [8]]);
    expect(server.stats).toMatchObject({ channels: 3, messagesDropped: 2 });
  });

  it('may be opened again when others have closed', () => {
    const { open, opened, closed, peer, pump, server } = connect({ maxChannels: 1 });
    for (let round = 0; round < 5; round += 1) {
      open(0, `round ${round}`);
      peer.resetStreams([0], 0);
      pump();
    }
    expect(opened.map(({ label }) => label)).toEqual(closed.map(({ label }) => label));
    expect(opened).toHaveLength(5);
    expect(server.stats.channels).toBe(0);
  });

  it('are refused when their opening is malformed', () => {
    const { send, opened, acks, resets } = connect();
    send(0, DCEP, Buffer.from([3]));
    send(2, DCEP, Buffer.from([99]));
    send(4, DCEP, Buffer.concat([encodeOpen({ label: 'x', protocol: '', ordered: true })!, Buffer.from('more')]));
    expect([opened, acks]).toEqual([[], []]);
    expect(resets).toEqual([[0], [2], [4]]);
  });

  it('are closed by a second opening of the same stream', () => {
    const { open, opened, closed, acks, resets, peer, pump } = connect();
    open(0);
    open(0, 'again');
    expect(opened).toHaveLength(1);
    expect([acks, resets]).toEqual([[0], [[0]]]);
    peer.resetStreams([0], 0);
    pump();
    expect(closed).toEqual(opened);
  });

  it('carry nothing before they are open, of no unknown kind, and nothing after closing', () => {
    const { open, opened, send, messages, server, pump } = connect();
    send(0, STRING, Buffer.from('early'));
    send(0, DCEP, encodeAck());
    open(0);
    send(0, 99, Buffer.from('unknown'));
    send(0, BINARY, Buffer.from([1]));
    server.closeChannel(opened[0]!, 0);
    pump();
    send(0, BINARY, Buffer.from([2]));
    expect(messages).toEqual([Buffer.from([1])]);
    expect(server.stats.messagesDropped).toBe(3);
  });

  it('deliver text that is not UTF-8 as text with replacement characters', () => {
    const { open, send, messages } = connect();
    open(0);
    send(0, STRING, Buffer.from([0xff, 0x41]));
    expect(messages).toEqual(['\ufffdA']);
  });

  it('are all closed when the peer resets all of its streams', () => {
    const { open, closed, server, sentToServer } = connect();
    const { initialTsn } = readInit(parsePacket(sentToServer[0]!)!.chunks[0]!.value)!;
    open(0);
    open(2);
    // No stream named means all of them (RFC 6525 section 4.1); our own association always names them.
    const reset = { requestSeq: initialTsn, responseSeq: 0, lastAssignedTsn: initialTsn, streamIds: [] };
    server.receive(packetOf(parsePacket(sentToServer.at(-1)!)!.verificationTag, encodeOutgoingReset(reset)), 0);
    expect(closed.map(({ id }) => id)).toEqual([0, 2]);
    expect(server.stats.channels).toBe(0);
  });

  it('refuse a channel that there is no room to acknowledge', () => {
    const { open, opened, server } = connect({ sendQueueSizeBytes: 1 });
    open(0);
    expect(opened).toEqual([]);
    expect(server.stats).toMatchObject({ channels: 0, messagesDropped: 1 });
  });
});

describe('a caller of data channels', () => {
  it('gets an error that names its mistake', () => {
    const { server, open, opened } = connect({ maxChannels: 2, remoteMaxMessageSizeBytes: 100 });
    open(0);
    const channel = opened[0]!;
    const code = (code: string) => expect.objectContaining({ name: 'SctpError', code });
    expect(() => server.send(channel, new Uint8Array(101), 0)).toThrow(code('too_large'));
    expect(() => server.send({ ...channel }, 'copy', 0)).toThrow(code('closed'));
    expect(() => server.open('x'.repeat(257), 0)).toThrow(code('invalid_option'));
    server.open('second', 0);
    expect(() => server.open('third', 0)).toThrow(code('too_many_channels'));
    expect(() => new DataChannels({ maxPacketSizeBytes: 100 }, {} as never)).toThrow(code('invalid_option'));
    server.close(0);
    expect(() => server.send(channel, 'x', 0)).toThrow(code('closed'));
  });

  it('may send any size to a peer that takes any', () => {
    const { server, open, opened } = connect({ remoteMaxMessageSizeBytes: 0 });
    open(0);
    expect(() => server.send(opened[0]!, new Uint8Array(1_000_000), 0)).not.toThrow();
  });
});
