import { SctpAssociation } from '../src/sctp/association.ts';
import type { SctpAssociationOptions } from '../src/sctp/options.ts';
import { tsnAdd } from '../src/sctp/tsn.ts';
import type { SctpCloseReason } from '../src/sctp/types.ts';
import { type Chunk, ChunkType, encodeChunk } from '../src/sctp/wire/chunk.ts';
import { dataChunkBytes, type OutgoingData, writeData } from '../src/sctp/wire/data.ts';
import { encodeInit, type Init, readInit } from '../src/sctp/wire/init.ts';
import { type Packet, PacketWriter, parsePacket } from '../src/sctp/wire/packet.ts';
import { readSack, type Sack } from '../src/sctp/wire/sack.ts';
import { seededBytes } from '../src/testing/seeded-random.ts';

export const PEER_TAG = 0xabcd0123;
/** Close to the wrap. */
export const PEER_FIRST_TSN = 0xfffffff0;
export const PEER_INIT = {
  initiateTag: PEER_TAG,
  receiverWindowBytes: 100_000,
  outboundStreams: 1024,
  inboundStreams: 1024,
  initialTsn: PEER_FIRST_TSN,
};

/** A peer that does not keep to any rules: it sends what a test says to an association of ours, and looks at the answers. */
export class RawPeer {
  readonly association: SctpAssociation;
  readonly messages: { readonly streamId: number; readonly ppid: number; readonly data: Buffer }[] = [];
  readonly closed: SctpCloseReason[] = [];
  readonly resets: (readonly number[])[] = [];
  connected = 0;
  nowMs = 1000;
  /** Datagrams that the association has sent since the last look. */
  #sent: Packet[] = [];
  /** Our association's, once it has said so. */
  #init: Init | undefined;

  constructor(options: SctpAssociationOptions = {}) {
    this.association = new SctpAssociation(
      { random: seededBytes(7), ...options },
      {
        transmit: (packet) => void this.#sent.push(parsePacket(packet)!),
        onConnected: () => {
          this.connected += 1;
        },
        onMessage: (streamId, ppid, data) => void this.messages.push({ streamId, ppid, data: Buffer.from(data) }),
        onStreamsReset: (streamIds) => void this.resets.push(streamIds),
        onClosed: (reason) => void this.closed.push(reason),
      },
    );
  }

  get theirTag(): number {
    return this.#init?.initiateTag ?? 0;
  }

  get theirFirstTsn(): number {
    return this.#init?.initialTsn ?? 0;
  }

  get bufferedBytes(): number {
    return this.association.stats.receiveBufferedBytes;
  }

  /** Sends chunks in one packet with the right tag. */
  send(...chunks: Uint8Array[]): void {
    this.sendWithTag(this.theirTag, ...chunks);
  }

  sendWithTag(tag: number, ...chunks: Uint8Array[]): void {
    this.association.receive(packetOf(tag, ...chunks), this.nowMs);
  }

  /** Datagrams that the association has sent since the last call. */
  takePackets(): Packet[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  takeChunks(): Chunk[] {
    return this.takePackets().flatMap(({ chunks }) => chunks);
  }

  /** Types of the chunks sent since the last look. */
  takeTypes(): number[] {
    return this.takeChunks().map(({ type }) => type);
  }

  /** The last SACK sent since the last look, after waiting for a delayed one. */
  takeSack(): Sack {
    this.wait(200);
    const sack = this.takeChunks().findLast(({ type }) => type === ChunkType.Sack);
    return readSack(sack!.value)!;
  }

  wait(durationMs: number): void {
    const untilMs = this.nowMs + durationMs;
    for (let at = this.association.deadline(); at <= untilMs; at = this.association.deadline()) {
      this.nowMs = Math.max(this.nowMs, at);
      this.association.timeout(this.nowMs);
    }
    this.nowMs = untilMs;
  }

  /** Sends an INIT and returns the answer's cookie. */
  init(init: Partial<typeof PEER_INIT> = {}): Buffer {
    return this.sendInit(encodeInit(ChunkType.Init, { ...PEER_INIT, ...init }));
  }

  sendInit(chunk: Buffer): Buffer {
    this.sendWithTag(0, chunk);
    const answer = this.takeChunks().find(({ type }) => type === ChunkType.InitAck);
    this.#init = readInit(answer!.value);
    return this.#init!.cookie!;
  }

  /** The whole handshake. */
  connect(init: Partial<typeof PEER_INIT> = {}): this {
    this.send(encodeChunk(ChunkType.CookieEcho, 0, this.init(init)));
    this.takePackets();
    return this;
  }
}

export function packetOf(tag: number, ...chunks: Uint8Array[]): Buffer {
  const writer = new PacketWriter(5000, 5000, tag, 16_384);
  for (const chunk of chunks) writer.add(chunk);
  return writer.finish();
}

/** A DATA chunk whose TSN lies so far behind the peer's first. A whole, ordered message unless told otherwise. */
export function dataChunk(offset: number, payload: Uint8Array | string, data: Partial<OutgoingData> = {}): Buffer {
  const bytes = Buffer.from(payload);
  const chunk = Buffer.alloc(dataChunkBytes(bytes.length));
  const tsn = tsnAdd(PEER_FIRST_TSN, offset);
  writeData(
    {
      tsn,
      streamId: 0,
      ssn: offset & 0xffff,
      ppid: 53,
      unordered: false,
      immediate: false,
      begin: true,
      end: true,
      ...data,
      payload: bytes,
    },
    chunk,
  );
  return chunk;
}
