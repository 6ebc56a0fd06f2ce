import { ssnAfter, ssnNext, tsnAdd, tsnAfter } from './tsn.ts';
import type { DataChunk } from './wire/data.ts';
import type { SkippedStream } from './wire/forward-tsn.ts';

/** Overhead of a kept fragment besides its bytes: charged so that many tiny ones cannot take much more memory than announced. */
const FRAGMENT_OVERHEAD_BYTES = 128;

export interface Message {
  readonly streamId: number;
  readonly ppid: number;
  /** Borrowed until the callback returns. */
  readonly data: Uint8Array;
}

type Part = Pick<DataChunk, 'streamId' | 'ssn' | 'unordered' | 'begin' | 'end'>;

/** Adjacent fragments of one message. */
interface Run extends Part {
  firstTsn: number;
  lastTsn: number;
  end: boolean;
  readonly ppid: number;
  sizeBytes: number;
  parts: Uint8Array[];
}

type Assembled = Pick<Run, 'streamId' | 'ssn' | 'unordered' | 'ppid' | 'parts' | 'sizeBytes'>;

interface WaitingMessage extends Message {
  readonly costBytes: number;
}

interface InboundStream {
  nextSsn: number;
  /** Complete messages that came before their turn, by SSN. */
  waiting: Map<number, WaitingMessage>;
}

export type ReassemblyResult = 'ok' | 'inconsistent_fragments' | 'message_too_large';

/**
 * Puts fragments together to messages and hands them out, ordered ones in the order of their stream
 * (RFC 9260 sections 6.5, 6.6 and 6.9). Holds no more than its caller lets in: see `bufferedBytes`.
 */
export class Reassembly {
  readonly #maxMessageBytes: number;
  readonly #deliver: (message: Message, nowMs: number) => void;
  // Runs of fragments, each under its first and its last TSN.
  readonly #byFirst = new Map<number, Run>();
  readonly #byLast = new Map<number, Run>();
  readonly #streams = new Map<number, InboundStream>();
  #bufferedBytes = 0;

  constructor(maxMessageBytes: number, deliver: (message: Message, nowMs: number) => void) {
    this.#maxMessageBytes = maxMessageBytes;
    this.#deliver = deliver;
  }

  /** Bytes kept for incomplete messages and for those that wait for their turn, overhead included. */
  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** Bytes that keeping this chunk would add to `bufferedBytes`. */
  static costBytes(chunk: DataChunk): number {
    return chunk.payload.length + FRAGMENT_OVERHEAD_BYTES;
  }

  /** Reports whether fragments up to this TSN are kept. */
  keepsUpTo(tsn: number): boolean {
    return this.#byLast.has(tsn);
  }

  /** Reports whether fragments from this TSN on are kept. */
  keepsFrom(tsn: number): boolean {
    return this.#byFirst.has(tsn);
  }

  /** Takes a chunk whose TSN came for the first time. Anything but 'ok' is the peer's violation and nothing was kept. */
  add(chunk: DataChunk, nowMs: number): ReassemblyResult {
    if (chunk.payload.length > this.#maxMessageBytes) return 'message_too_large';
    const left = this.#byLast.get(tsnAdd(chunk.tsn, -1));
    const right = this.#byFirst.get(tsnAdd(chunk.tsn, 1));
    if ((left !== undefined && !mayFollow(left, chunk)) || (right !== undefined && !mayFollow(chunk, right))) {
      return 'inconsistent_fragments';
    }
    if (chunk.begin && chunk.end) {
      this.#complete({ ...chunk, parts: [chunk.payload], sizeBytes: chunk.payload.length }, nowMs);
      return 'ok';
    }
    const run = newRun(chunk);
    const joinsLeft = left !== undefined && !run.begin;
    const joinsRight = right !== undefined && !run.end;
    const sizeBytes = run.sizeBytes + (joinsLeft ? left.sizeBytes : 0) + (joinsRight ? right.sizeBytes : 0);
    if (sizeBytes > this.#maxMessageBytes) return 'message_too_large';

    this.#bufferedBytes += Reassembly.costBytes(chunk);
    let joined = run;
    if (joinsLeft) joined = this.#join(left, joined);
    if (joinsRight) joined = this.#join(joined, right);
    this.#byFirst.set(joined.firstTsn, joined);
    this.#byLast.set(joined.lastTsn, joined);
    if (joined.begin && joined.end) {
      this.#forget(joined);
      this.#bufferedBytes -= runCost(joined);
      this.#complete(joined, nowMs);
    }
    return 'ok';
  }

  /** The sender has given up everything up to `tsn`, and on these streams the messages up to an SSN (RFC 3758 section 3.6). */
  skipTo(tsn: number, streams: readonly SkippedStream[], nowMs: number): void {
    for (const run of [...this.#byFirst.values()]) {
      if (tsnAfter(run.firstTsn, tsn)) continue;
      this.#forget(run);
      this.#bufferedBytes -= runCost(run);
    }
    for (const { streamId, ssn } of streams) {
      const stream = this.#stream(streamId);
      if (ssnAfter(stream.nextSsn, ssn)) continue;
      // What is complete may still be delivered, in order.
      while (stream.waiting.size > 0 && !ssnAfter(stream.nextSsn, ssn)) {
        this.#deliverWaiting(stream, stream.nextSsn, nowMs);
        stream.nextSsn = ssnNext(stream.nextSsn);
      }
      stream.nextSsn = ssnNext(ssn);
      this.#deliverNext(stream, nowMs);
    }
  }

  /** These streams (all if none is named) begin again with SSN 0 (RFC 6525 section 5.2.2). */
  resetStreams(streamIds: readonly number[]): void {
    for (const streamId of streamIds.length > 0 ? streamIds : [...this.#streams.keys()]) {
      for (const { costBytes } of this.#streams.get(streamId)?.waiting.values() ?? []) this.#bufferedBytes -= costBytes;
      this.#streams.delete(streamId);
    }
  }

  #complete({ streamId, ssn, unordered, ppid, parts, sizeBytes }: Assembled, nowMs: number): void {
    if (unordered) {
      this.#deliver({ streamId, ppid, data: whole(parts, sizeBytes) }, nowMs);
      return;
    }
    const stream = this.#stream(streamId);
    if (ssn === stream.nextSsn) {
      stream.nextSsn = ssnNext(ssn);
      this.#deliver({ streamId, ppid, data: whole(parts, sizeBytes) }, nowMs);
      this.#deliverNext(stream, nowMs);
    } else if (ssnAfter(ssn, stream.nextSsn) && !stream.waiting.has(ssn)) {
      const costBytes = sizeBytes + FRAGMENT_OVERHEAD_BYTES;
      this.#bufferedBytes += costBytes;
      stream.waiting.set(ssn, { streamId, ppid, data: owned(parts, sizeBytes), costBytes });
    }
  }

  #deliverNext(stream: InboundStream, nowMs: number): void {
    while (stream.waiting.has(stream.nextSsn)) {
      const ssn = stream.nextSsn;
      stream.nextSsn = ssnNext(ssn);
      this.#deliverWaiting(stream, ssn, nowMs);
    }
  }

  #deliverWaiting(stream: InboundStream, ssn: number, nowMs: number): void {
    const message = stream.waiting.get(ssn);
    if (message === undefined) return;
    stream.waiting.delete(ssn);
    this.#bufferedBytes -= message.costBytes;
    this.#deliver(message, nowMs);
  }

  #stream(streamId: number): InboundStream {
    let stream = this.#streams.get(streamId);
    if (stream === undefined) {
      stream = { nextSsn: 0, waiting: new Map() };
      this.#streams.set(streamId, stream);
    }
    return stream;
  }

  #join(left: Run, right: Run): Run {
    this.#forget(left);
    this.#forget(right);
    if (left.parts.length >= right.parts.length) left.parts.push(...right.parts);
    else {
      right.parts.unshift(...left.parts);
      left.parts = right.parts;
    }
    left.lastTsn = right.lastTsn;
    left.end = right.end;
    left.sizeBytes += right.sizeBytes;
    return left;
  }

  #forget(run: Run): void {
    if (this.#byFirst.get(run.firstTsn) === run) this.#byFirst.delete(run.firstTsn);
    if (this.#byLast.get(run.lastTsn) === run) this.#byLast.delete(run.lastTsn);
  }
}

function newRun(chunk: DataChunk): Run {
  const { tsn, streamId, ssn, unordered, ppid, begin, end, payload } = chunk;
  // Not from Node's buffer pool: one small fragment that is kept would keep a whole slab.
  const parts = [new Uint8Array(payload)];
  return { firstTsn: tsn, lastTsn: tsn, streamId, ssn, unordered, ppid, begin, end, sizeBytes: payload.length, parts };
}

/** Reports whether `right` may follow `left` directly: as another message, or as the same one's next part. */
function mayFollow(left: Part, right: Part): boolean {
  if (left.end !== right.begin) return false;
  if (left.end) return true;
  const sameMessage = left.streamId === right.streamId && left.unordered === right.unordered;
  return sameMessage && (left.unordered || left.ssn === right.ssn);
}

function runCost(run: Run): number {
  return run.sizeBytes + run.parts.length * FRAGMENT_OVERHEAD_BYTES;
}

function whole(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  return parts.length === 1 ? parts[0]! : owned(parts, sizeBytes);
}

function owned(parts: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
