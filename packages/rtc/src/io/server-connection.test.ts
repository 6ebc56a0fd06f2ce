import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { connectToServer, type ServerTarget } from './server-connection.ts';

const target = (transport: ServerTarget['transport'], port: number): ServerTarget => ({
  transport,
  address: '127.0.0.1',
  port,
  host: '127.0.0.1',
});

async function startTcpServer() {
  const sockets: Socket[] = [];
  const received: Buffer[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => void received.push(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { server, sockets, received, port: (server.address() as AddressInfo).port };
}

async function connect(where: ServerTarget) {
  const received: Buffer[] = [];
  const ends: string[] = [];
  const connection = await connectToServer(where, {
    onBytes: (bytes) => void received.push(Buffer.from(bytes)),
    onEnd: (reason) => void ends.push(reason),
  });
  onTestFinished(() => connection.close());
  return { connection, received, ends };
}

describe('a connection over UDP', () => {
  it('passes datagrams to the server and from there, and none from elsewhere', async () => {
    const [server, stranger] = [createSocket('udp4'), createSocket('udp4')];
    onTestFinished(() => {
      server.close();
      stranger.close();
    });
    server.bind(0, '127.0.0.1');
    await once(server, 'listening');
    const { connection, received } = await connect(target('udp', server.address().port));
    connection.send(Buffer.from('to the server'));
    const [datagram, from] = (await once(server, 'message')) as [Buffer, { port: number }];
    expect(datagram.toString()).toBe('to the server');
    await new Promise((resolve) => stranger.send('from elsewhere', from.port, '127.0.0.1', resolve));
    server.send('from the server', from.port, '127.0.0.1');
    await vi.waitFor(() => expect(received.map(String)).toEqual(['from the server']));
    expect(connection.drops).toBe(0);
  });
});

describe('a connection over TCP', () => {
  it('passes bytes both ways', async () => {
    const { sockets, received: atServer, port } = await startTcpServer();
    const { connection, received, ends } = await connect(target('tcp', port));
    connection.send(Buffer.from('hello'));
    await vi.waitFor(() => expect(Buffer.concat(atServer).toString()).toBe('hello'));
    sockets[0]!.write('answer');
    await vi.waitFor(() => expect(Buffer.concat(received).toString()).toBe('answer'));
    expect(ends).toEqual([]);
  });

  it('reports once that the server has closed it', async () => {
    const { sockets, port } = await startTcpServer();
    const { connection, ends } = await connect(target('tcp', port));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]!.destroy();
    await vi.waitFor(() => expect(ends).toHaveLength(1));
    connection.send(Buffer.from('late'));
    connection.close();
    expect(connection.drops).toBe(1);
    expect(ends).toHaveLength(1);
  });

  it('drops whole messages while the server does not read, and holds a bounded number of bytes', async () => {
    const { sockets, received, port } = await startTcpServer();
    const { connection } = await connect(target('tcp', port));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]!.pause();
    const message = Buffer.alloc(1000, 7);
    const COUNT = 50_000;
    for (let sent = 0; sent < COUNT; sent++) connection.send(message);
    expect(connection.drops).toBeGreaterThan(COUNT / 2);
    const expected = (COUNT - connection.drops) * message.length;
    sockets[0]!.resume();
    await vi.waitFor(() => expect(Buffer.concat(received)).toHaveLength(expected));
  });

  it('ends soon after it was closed, also if the server sends and does not read', async () => {
    const { sockets, port } = await startTcpServer();
    const { connection } = await connect(target('tcp', port));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    const socket = sockets[0]!.pause();
    for (let sent = 0; connection.drops === 0; sent++) connection.send(Buffer.alloc(60_000, sent));
    connection.close();
    const sending = setInterval(() => socket.write('more'), 50);
    onTestFinished(() => clearInterval(sending));
    // Not by `once`, which rejects on an error: what was not read makes it a reset.
    socket.on('error', () => {});
    await new Promise((resolve) => socket.on('close', resolve));
  });

  it('is refused where nothing listens', async () => {
    const { server, port } = await startTcpServer();
    server.close();
    await expect(connect(target('tcp', port))).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a connection over TLS', () => {
  it('is not made to a server without TLS', async () => {
    const { sockets, port } = await startTcpServer();
    const connecting = connect(target('tls', port));
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    sockets[0]!.write('this is no TLS');
    await expect(connecting).rejects.toThrow();
  });

  it('is given up after 5 s by the clock, rather than of silence', async () => {
    const { server, port } = await startTcpServer();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const outcome = expect(connect(target('tls', port))).rejects.toThrow('no answer to the connection attempt');
    await once(server, 'connection');
    vi.advanceTimersByTime(5_000);
    await outcome;
  });
});
