import type { Socket } from 'node:net';
import { type SecureContext, TLSSocket } from 'node:tls';
import { TokenBucket } from '@rtcd/boundary';
import type { Path, PathId } from '../packet-path.ts';
import type { PathTable } from '../plane/path-table.ts';
import { FrameParser, frameOf, MAX_FRAME_BYTES, type OnFrame } from '../tcp/frame-parser.ts';
import { type QueueBudget, SendQueue } from '../tcp/send-queue.ts';
import type { FrameBatch } from './frame-batch.ts';
import type { FrameBuffer } from './frame-buffer.ts';
import type { SocketCounters } from './socket-counters.ts';

/** Time that a stranger has to authenticate itself: more than two lost segments of a handshake take. */
export const STRANGER_LIMIT_MS = 5_000;
/** Frames of a stranger: enough to resolve a role conflict. */
const MAX_STRANGER_FRAMES = 8;
/** A connectivity check is not larger. What is larger is another protocol. */
const MAX_STRANGER_FRAME_BYTES = 1_500;
/** Larger frames of a known peer are skipped. SCTP and DTLS send at most what fits a path. */
const MAX_KNOWN_FRAME_BYTES = 4_096;

/** First byte of a ClientHello's record (RFC 8446 section 5.1). As a frame, it would have more than 5,600 bytes. */
const TLS_HANDSHAKE = 0x16;

/** More than the SFU takes of one peer. Beyond it, the connection is read more slowly. */
const READ_RATE = { capacity: 5_000, perSecond: 5_000 };
/** Bytes that cost as much as a frame. */
const BYTES_PER_FRAME = 1_200;

/** Time for the peer to take what is left, and to close its side. */
const CLOSE_LIMIT_MS = 500;

/** The surroundings of all connections. */
export interface TcpConnectionParts {
  readonly paths: PathTable;
  readonly batch: FrameBatch;
  readonly buffer: FrameBuffer;
  readonly budget: QueueBudget;
  readonly counters: SocketCounters;
  /** Returns what a TLS handshake needs; undefined if there is no certificate, or too many of them are under way. */
  secureContext(): SecureContext | undefined;
}

/**
 * One TCP connection that carries the frames of RFC 4571, in TLS if it begins that way. It is a stranger until its path is held: it must
 * have that done within a time, by a few small frames. It ends with the last hold of its path.
 */
export class TcpConnection {
  readonly remote: Path;
  readonly sinceMs = performance.now();
  /** Resolves once the socket is closed. */
  readonly closed: Promise<void>;
  readonly #onClosed: () => void;
  readonly #onEnd: () => void;
  readonly #parts: TcpConnectionParts;
  readonly #parser = new FrameParser(MAX_STRANGER_FRAME_BYTES);
  readonly #queue: SendQueue;
  readonly #reads = new TokenBucket(READ_RATE, this.sinceMs);
  readonly #deadline: NodeJS.Timeout;
  #socket: Socket;
  #path: PathId | undefined;
  /** The first bytes, which tell TLS from frames, have come. */
  #hasBegun = false;
  #isSecure = false;
  #hasEnded = false;
  #resumeTimer: NodeJS.Timeout | undefined;
  #closeTimer: NodeJS.Timeout | undefined;

  /** Calls `onEnd` once, as soon as it neither sends nor receives any more. */
  constructor(socket: Socket, remote: Path, parts: TcpConnectionParts, onEnd: () => void) {
    this.remote = remote;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#onClosed = resolve;
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.#queue = new SendQueue(parts.counters, parts.budget);
    this.#deadline = setTimeout(() => this.#refuse(), STRANGER_LIMIT_MS);
    this.#socket = socket;
    this.#attach(socket);
  }

  /** Number of the path, from when it is held. */
  get path(): PathId | undefined {
    return this.#path;
  }

  /** The path is held from now on: its peer is no stranger. */
  hold(path: PathId): void {
    this.#path = path;
    clearTimeout(this.#deadline);
    this.#parser.maxFrameBytes = MAX_KNOWN_FRAME_BYTES;
  }

  /** Sends a datagram, borrowed until return, or queues it if the peer reads too slowly. */
  send(datagram: Uint8Array): void {
    const { counters, buffer } = this.#parts;
    if (this.#hasEnded || datagram.length > MAX_FRAME_BYTES) {
      counters.sendErrors++;
      return;
    }
    if (!this.#queue.isEmpty || this.#socket.writableLength > 0) {
      this.#queue.push(datagram, performance.now());
      return;
    }
    // TLS passes nothing on at once.
    if (this.#isSecure) return this.#write(frameOf(datagram), 1);
    this.#write(buffer.frame(datagram), 1);
    if (this.#socket.writableLength > 0) buffer.leave();
  }

  /** Sends what it can without waiting, and closes the connection. */
  end(): void {
    if (this.#hasEnded) return;
    this.#stop();
    const rest = this.#queue.take(performance.now());
    if (rest !== undefined) this.#write(rest.bytes, rest.frames);
    this.#queue.clear();
    this.#socket.end();
    this.#closeTimer = setTimeout(() => this.#socket.destroy(), CLOSE_LIMIT_MS);
  }

  #attach(socket: Socket): void {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('end', () => socket.destroy());
    socket.on('error', () => {}); // 'close' follows
    socket.on('close', () => this.#closed(socket));
  }

  readonly #onData = (chunk: Buffer): void => {
    const context = this.#hasBegun ? undefined : this.#secureContextFor(chunk);
    this.#hasBegun = true;
    if (context === undefined) this.#receive(chunk);
    else this.#secure(context, chunk);
  };

  #secureContextFor(chunk: Buffer): SecureContext | undefined {
    return this.#path === undefined && chunk[0] === TLS_HANDSHAKE ? this.#parts.secureContext() : undefined;
  }

  /** Continues in TLS, which gets the bytes that have been read. */
  #secure(secureContext: SecureContext, chunk: Buffer): void {
    const plain = this.#socket;
    this.#isSecure = true;
    plain.off('data', this.#onData);
    plain.pause();
    plain.unshift(chunk);
    this.#attach(new TLSSocket(plain, { isServer: true, secureContext }));
  }

  #receive(chunk: Buffer): void {
    if (this.#hasEnded) return;
    const { frames, oversized } = this.#parser;
    this.#parser.parse(chunk, this.#onFrame);
    this.#parts.batch.flush();
    this.#parts.counters.oversizedFrameDrops += this.#parser.oversized - oversized;
    if (this.#hasEnded) return;
    if (this.#path === undefined && (this.#parser.oversized > 0 || this.#parser.frames >= MAX_STRANGER_FRAMES)) {
      return this.#refuse();
    }
    this.#pace(Math.max(this.#parser.frames - frames, chunk.length / BYTES_PER_FRAME));
  }

  readonly #onFrame: OnFrame = (arena, offset, length) => {
    if (this.#hasEnded) return;
    const { batch, paths } = this.#parts;
    if (this.#path !== undefined) return batch.add(this.#path, arena, offset, length);
    if (this.#parser.frames > MAX_STRANGER_FRAMES) return;
    const { local, address, port } = this.remote;
    batch.add(paths.arrive(local, address, port), arena, offset, length);
    // At once: this frame may make the next one's path a held one.
    batch.flush();
  };

  /** Stops reading for as long as the peer is ahead of its rate. TCP makes it wait. */
  #pace(cost: number): void {
    this.#reads.charge(cost);
    const debtMs = this.#reads.debtMs(performance.now());
    if (debtMs === 0) return;
    this.#socket.pause();
    this.#resumeTimer ??= setTimeout(() => {
      this.#resumeTimer = undefined;
      this.#socket.resume();
    }, debtMs);
  }

  #write(bytes: Uint8Array, frames: number): void {
    const { counters } = this.#parts;
    counters.datagramsSent += frames;
    counters.bytesSent += bytes.length;
    this.#socket.write(bytes, this.#onWritten);
  }

  readonly #onWritten = (): void => {
    while (!this.#hasEnded && !this.#queue.isEmpty && this.#socket.writableLength === 0) {
      const next = this.#queue.take(performance.now());
      if (next !== undefined) this.#write(next.bytes, next.frames);
    }
  };

  /** The peer did not authenticate itself in time, or speaks another protocol. */
  #refuse(): void {
    this.#parts.counters.strangerDrops++;
    this.#stop();
    if (this.#isSecure) this.#socket.destroy();
    else this.#socket.resetAndDestroy();
  }

  #stop(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#resumeTimer);
    this.#onEnd();
  }

  #closed(socket: Socket): void {
    if (socket !== this.#socket) return;
    this.#stop();
    clearTimeout(this.#closeTimer);
    this.#queue.clear();
    this.#onClosed();
  }
}
