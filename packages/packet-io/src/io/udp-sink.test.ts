import { describe, expect, it } from 'vitest';
import type { Path } from '../packet-path.ts';
import { createSocketCounters } from './socket-counters.ts';
import { MAX_QUEUED_DATAGRAMS, type UdpSender, UdpSink } from './udp-sink.ts';

const THERE: Path = { local: 0, address: '192.0.2.1', port: 5000 };

/** A socket whose kernel buffer can be full: it then holds on to the memory it was given, as a real one does. */
class FakeSocket implements UdpSender {
  readonly sent: number[][] = [];
  isFull = false;
  error: Error | null = null;
  #queue: Uint8Array[] = [];

  send(datagram: Uint8Array, _port: number, _address: string, callback: (error: Error | null) => void): void {
    if (this.isFull) this.#queue.push(datagram);
    else this.sent.push([...datagram]);
    callback(this.error);
  }

  getSendQueueCount(): number {
    return this.#queue.length;
  }

  flush(): void {
    this.isFull = false;
    this.sent.push(...this.#queue.map((datagram) => [...datagram]));
    this.#queue = [];
  }
}

function createSink() {
  const socket = new FakeSocket();
  const counters = createSocketCounters();
  const sink = new UdpSink([socket], counters);
  const sendFilledWith = (value: number) => {
    sink.buffer.fill(value, 0, 3);
    sink.send(3, THERE);
  };
  return { socket, counters, sink, sendFilledWith };
}

describe('sending from one buffer', () => {
  it('reuses it while the kernel takes datagrams at once', () => {
    const { socket, counters, sink, sendFilledWith } = createSink();
    const { buffer } = sink;
    sendFilledWith(1);
    sendFilledWith(2);
    expect(sink.buffer).toBe(buffer);
    expect(socket.sent).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
    expect(counters).toMatchObject({ datagramsSent: 2, bytesSent: 6, sendErrors: 0 });
  });

  it('never overwrites what a socket has queued', () => {
    const { socket, sendFilledWith } = createSink();
    socket.isFull = true;
    for (let value = 1; value <= 5; value++) sendFilledWith(value);
    socket.flush();
    sendFilledWith(6);
    expect(socket.sent.map(([value]) => value)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('drops and counts datagrams over the queue limit of a socket', () => {
    const { socket, counters, sendFilledWith } = createSink();
    socket.isFull = true;
    for (let i = 0; i < MAX_QUEUED_DATAGRAMS + 3; i++) sendFilledWith(1);
    expect(socket.getSendQueueCount()).toBe(MAX_QUEUED_DATAGRAMS);
    expect(counters.queueFullDrops).toBe(3);
  });

  it('copies a datagram that its owner continues to use, whatever its size', () => {
    const { socket, sink } = createSink();
    socket.isFull = true;
    for (const size of [4, 5000]) {
      const datagram = new Uint8Array(size).fill(1);
      sink.transmit(datagram, THERE);
      datagram.fill(2);
    }
    socket.flush();
    expect(socket.sent.map((bytes) => [bytes.length, new Set(bytes)])).toEqual([
      [4, new Set([1])],
      [5000, new Set([1])],
    ]);
  });

  it('counts what cannot be sent and does not throw', () => {
    const { socket, counters, sink } = createSink();
    sink.send(3, { ...THERE, local: 1 });
    sink.send(3, { ...THERE, port: 0 });
    socket.error = new Error('refused');
    sink.send(3, THERE);
    sink.close();
    sink.send(3, THERE);
    expect(counters.sendErrors).toBe(4);
  });
});
