import { describe, expect, it } from 'vitest';
import { tsnAdd } from '../src/sctp/tsn.ts';
import { CauseCode, encodeAbort, readCauseCodes } from '../src/sctp/wire/cause.ts';
import { ChunkType, encodeChunk, encodeEmptyChunk, FLAG_TAG_REFLECTED } from '../src/sctp/wire/chunk.ts';
import { encodeForwardTsn } from '../src/sctp/wire/forward-tsn.ts';
import { readParameters } from '../src/sctp/wire/parameter.ts';
import { encodeOutgoingReset, readReConfig } from '../src/sctp/wire/re-config.ts';
import { encodeSack } from '../src/sctp/wire/sack.ts';
import { encodeShutdown } from '../src/sctp/wire/shutdown.ts';
import { dataChunk, PEER_FIRST_TSN, PEER_TAG, packetOf, RawPeer } from './sctp-raw-peer.ts';

/** Memory that a peer can make us keep: the window of 256 KiB and two messages of 64 KiB. */
const MOST_BUFFERED_BYTES = 4 * 65_536 + 2 * 65_536;

function abortCause(peer: RawPeer): number[] {
  const abort = peer.takeChunks().find(({ type }) => type === ChunkType.Abort);
  return abort === undefined ? [] : readCauseCodes(abort.value);
}

describe('a peer that fills our memory', () => {
  it('with chunks beyond a gap: those past the window are dropped, and the rest continues', () => {
    const peer = new RawPeer().connect();
    const part = Buffer.alloc(1000);
    for (let offset = 1; offset < 2000; offset += 1) {
      peer.send(dataChunk(offset, part));
      expect(peer.bufferedBytes).toBeLessThanOrEqual(4 * 65_536);
    }
    const sack = peer.takeSack();
    expect(sack.cumulativeTsn).toBe(tsnAdd(PEER_FIRST_TSN, -1));
    expect(sack.receiverWindowBytes).toBeLessThan(2000);
    expect(peer.messages).toEqual([]);
    const kept = sack.gapBlocks[0]!.end;
    peer.send(dataChunk(0, part));
    expect(peer.messages).toHaveLength(kept);
    expect(peer.bufferedBytes).toBe(0);
    expect(peer.takeSack().receiverWindowBytes).toBe(4 * 65_536);
    expect(peer.closed).toEqual([]);
  });

  it('with single bytes: each counts for what it costs', () => {
    const peer = new RawPeer().connect();
    for (let offset = 1; offset < 10_000; offset += 1) peer.send(dataChunk(offset, 'x', { begin: false, end: false }));
    expect(peer.bufferedBytes).toBeLessThanOrEqual(4 * 65_536);
    expect(peer.takeSack().gapBlocks[0]!.end).toBeLessThan((4 * 65_536) / 128 + 2);
  });

  it('with a message that never ends', () => {
    const peer = new RawPeer().connect();
    let offset = 0;
    while (peer.closed.length === 0 && offset < 1000) {
      peer.send(dataChunk(offset, Buffer.alloc(1000), { begin: offset === 0, end: false, ssn: 0 }));
      expect(peer.bufferedBytes).toBeLessThanOrEqual(MOST_BUFFERED_BYTES);
      offset += 1;
    }
    expect(peer.closed).toEqual(['protocol_violation']);
    expect(offset).toBe(66);
    expect(abortCause(peer)).toEqual([CauseCode.ProtocolViolation]);
    expect(peer.bufferedBytes).toBe(0);
  });

  it('with messages that wait for one that never comes', () => {
    const peer = new RawPeer().connect();
    let offset = 0;
    while (peer.closed.length === 0 && offset < 10_000) {
      peer.send(dataChunk(offset, Buffer.alloc(1000), { ssn: offset + 1 }));
      expect(peer.bufferedBytes).toBeLessThanOrEqual(MOST_BUFFERED_BYTES);
      offset += 1;
    }
    expect(peer.closed).toEqual(['out_of_resource']);
    expect(abortCause(peer)).toEqual([CauseCode.OutOfResource]);
  });

  it('with parts of messages that can never be whole: they are not kept', () => {
    const peer = new RawPeer().connect();
    peer.send(dataChunk(0, 'no beginning', { begin: false, end: false }));
    for (let offset = 1; offset < 180; offset += 2) peer.send(dataChunk(offset, 'whole', { unordered: true }));
    for (let offset = 2; offset < 180; offset += 2) {
      peer.send(dataChunk(offset, 'neither', { begin: false, end: false }));
    }
    expect(peer.bufferedBytes).toBe(0);
    expect(peer.takeSack().cumulativeTsn).toBe(tsnAdd(PEER_FIRST_TSN, 179));
    expect(peer.messages).toHaveLength(90);
  });

  it('with every second chunk: the gaps that are noted are bounded', () => {
    const peer = new RawPeer().connect();
    for (let offset = 1; offset < 4000; offset += 2) peer.send(dataChunk(offset, 'x'));
    expect(peer.takeSack().gapBlocks).toHaveLength(96);
    expect(peer.bufferedBytes).toBeLessThan(96 * 200);
  });

  it('with duplicates: all are named in a bounded list and none is delivered', () => {
    const peer = new RawPeer().connect();
    const chunks = Array.from({ length: 100 }, () => dataChunk(0, 'again'));
    peer.send(...chunks);
    expect(peer.messages).toHaveLength(1);
    expect(peer.takeSack().duplicateTsns).toEqual(Array(16).fill(PEER_FIRST_TSN));
    expect(peer.association.stats.chunksDuplicated).toBe(99);
  });

  it('with streams: those beyond what we announced are acknowledged, reported and dropped', () => {
    const peer = new RawPeer().connect({ outboundStreams: 10 });
    peer.send(dataChunk(0, 'x', { streamId: 10 }), dataChunk(1, 'y', { streamId: 9, ssn: 0 }));
    expect(peer.messages.map(({ streamId }) => streamId)).toEqual([9]);
    const error = peer.takeChunks().find(({ type }) => type === ChunkType.Error);
    expect(readParameters(error!.value)).toEqual([{ type: 1, value: Buffer.from('000a0000', 'hex') }]);
    expect(peer.takeSack().cumulativeTsn).toBe(tsnAdd(PEER_FIRST_TSN, 1));
  });
});

describe('a peer that breaks the rules of messages', () => {
  it.each([
    ['no user data', [dataChunk(0, '')], CauseCode.NoUserData],
    ['too large a message', [dataChunk(0, Buffer.alloc(10_001))], CauseCode.ProtocolViolation],
    [
      'a message in a message',
      [dataChunk(0, 'a', { end: false }), dataChunk(1, 'b', { ssn: 0 })],
      CauseCode.ProtocolViolation,
    ],
  ])('%s ends the association', (_name, chunks, cause) => {
    const peer = new RawPeer({ maxMessageSizeBytes: 10_000 }).connect();
    peer.send(...chunks, dataChunk(2, 'after'));
    expect(peer.closed).toEqual(['protocol_violation']);
    expect(peer.messages).toEqual([]);
    expect(abortCause(peer)).toEqual([cause]);
  });

  it('may send a message of exactly the size that we announced', () => {
    const peer = new RawPeer({ maxMessageSizeBytes: 10_000 }).connect();
    peer.send(dataChunk(0, Buffer.alloc(10_000)));
    expect(peer.messages[0]?.data.length).toBe(10_000);
  });
});

describe('a peer that lies about what it has received', () => {
  const FIRST_GAP = { gapBlocks: [{ start: 2, end: 65_535 }], duplicateTsns: [] };

  it('acknowledges what was never sent: ignored', () => {
    const peer = new RawPeer().connect();
    peer.association.send(0, 53, Buffer.from('hello'), peer.nowMs);
    for (const ahead of [1, 2, 1000, 2 ** 30]) {
      const cumulativeTsn = tsnAdd(peer.theirFirstTsn, ahead);
      peer.send(encodeSack({ cumulativeTsn, receiverWindowBytes: 1000, gapBlocks: [], duplicateTsns: [] }));
    }
    expect(peer.association.stats.sendBufferedBytes).toBeGreaterThan(0);
    peer.takePackets();
    peer.wait(1000);
    expect(peer.takeTypes()).toEqual([ChunkType.Data]);
  });

  it('names everything beyond the first gap: chunks stay queued until they are acknowledged', () => {
    const peer = new RawPeer().connect();
    for (let count = 0; count < 3; count += 1) peer.association.send(0, 53, Buffer.from('x'), peer.nowMs);
    const cumulativeTsn = tsnAdd(peer.theirFirstTsn, -1);
    peer.send(encodeSack({ cumulativeTsn, receiverWindowBytes: 1000, ...FIRST_GAP }));
    expect(peer.association.stats.sendBufferedBytes).toBeGreaterThan(0);
    peer.takePackets();
    peer.wait(1000);
    expect(peer.takeTypes()).toEqual([ChunkType.Data, ChunkType.Data, ChunkType.Data]);
  });

  it('never acknowledges: given up after half a minute', () => {
    const peer = new RawPeer().connect();
    peer.association.send(0, 53, Buffer.from('hello'), peer.nowMs);
    peer.wait(60_000);
    expect(peer.closed).toEqual(['peer_unresponsive']);
    expect(peer.association.stats.sendBufferedBytes).toBe(0);
    expect(peer.association.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('closes its window: one chunk at a time finds out whether it has opened, for as long as it answers', () => {
    const peer = new RawPeer().connect();
    const acknowledge = (through: number, receiverWindowBytes: number) => {
      const cumulativeTsn = tsnAdd(peer.theirFirstTsn, through);
      peer.send(encodeSack({ cumulativeTsn, receiverWindowBytes, gapBlocks: [], duplicateTsns: [] }));
    };
    acknowledge(-1, 0);
    for (let count = 0; count < 5; count += 1) peer.association.send(0, 53, Buffer.from('hello'), peer.nowMs);
    expect(peer.takeTypes()).toEqual([ChunkType.Data]);
    for (let count = 0; count < 40; count += 1) {
      peer.wait(4000);
      expect(peer.takeTypes().length).toBeGreaterThan(0);
      acknowledge(-1, 0);
    }
    expect(peer.closed).toEqual([]);
    acknowledge(0, 100);
    expect(peer.takeTypes()).toEqual(Array(4).fill(ChunkType.Data));
  });

  it('leaves our send queue full: the caller gets an error, and nothing is lost', () => {
    const peer = new RawPeer({ sendQueueSizeBytes: 10_000 }).connect();
    const fill = () => {
      for (let count = 0; count < 1000; count += 1) peer.association.send(0, 53, Buffer.alloc(100), peer.nowMs);
    };
    expect(fill).toThrow(expect.objectContaining({ code: 'queue_full' }));
    expect(peer.association.stats.sendBufferedBytes).toBeLessThanOrEqual(10_000);
    const { messagesSent } = peer.association.stats;
    const cumulativeTsn = tsnAdd(peer.theirFirstTsn, peer.takeTypes().length - 1);
    peer.send(encodeSack({ cumulativeTsn, receiverWindowBytes: 100_000, gapBlocks: [], duplicateTsns: [] }));
    peer.association.send(0, 53, Buffer.alloc(100), peer.nowMs);
    expect(peer.association.stats.messagesSent).toBe(messagesSent + 1);
  });
});

describe('a peer that forwards its TSN', () => {
  it('far ahead: nothing is kept of the skipped TSNs', () => {
    const peer = new RawPeer().connect();
    peer.send(dataChunk(1, 'a', { end: false, ssn: 0 }), dataChunk(5, 'waits', { ssn: 2 }));
    peer.send(
      encodeForwardTsn({ newCumulativeTsn: tsnAdd(PEER_FIRST_TSN, 2 ** 30), streams: [{ streamId: 0, ssn: 7 }] }),
    );
    expect(peer.bufferedBytes).toBe(0);
    expect(peer.messages.map(({ data }) => data.toString())).toEqual(['waits']);
    peer.send(dataChunk(2 ** 30 + 1, 'next', { ssn: 8 }));
    expect(peer.messages).toHaveLength(2);
    expect(peer.takeSack().cumulativeTsn).toBe(tsnAdd(PEER_FIRST_TSN, 2 ** 30 + 1));
  });

  it('backwards: answered with a SACK, otherwise ignored', () => {
    const peer = new RawPeer().connect();
    peer.send(dataChunk(0, 'a'));
    peer.send(encodeForwardTsn({ newCumulativeTsn: tsnAdd(PEER_FIRST_TSN, -5), streams: [{ streamId: 0, ssn: 100 }] }));
    peer.send(dataChunk(1, 'b'));
    expect(peer.messages).toHaveLength(2);
    expect(peer.takeSack().cumulativeTsn).toBe(tsnAdd(PEER_FIRST_TSN, 1));
  });

  it('for many streams that do not exist: no state is kept', () => {
    const peer = new RawPeer().connect();
    const streams = Array.from({ length: 4000 }, (_, index) => ({ streamId: 60_000 + index, ssn: 1 }));
    peer.send(encodeForwardTsn({ newCumulativeTsn: PEER_FIRST_TSN, streams }));
    expect(peer.bufferedBytes).toBe(0);
    expect(peer.association.state).toBe('established');
  });
});

describe('a peer that resets streams', () => {
  const resultOf = (peer: RawPeer) => {
    const responses = peer.takeChunks().filter(({ type }) => type === ChunkType.ReConfig);
    return responses
      .flatMap(({ value }) => readReConfig(value)!)
      .map((response) => 'result' in response && response.result);
  };
  const request = (offset: number, lastOffset: number, streamIds: number[]) =>
    encodeOutgoingReset({
      requestSeq: tsnAdd(PEER_FIRST_TSN, offset),
      responseSeq: 0,
      lastAssignedTsn: tsnAdd(PEER_FIRST_TSN, lastOffset),
      streamIds,
    });

  it('is answered, and answered the same when it asks again', () => {
    const peer = new RawPeer().connect();
    peer.send(dataChunk(0, 'a'));
    for (let count = 0; count < 3; count += 1) {
      peer.send(request(0, 0, [0]));
      expect(resultOf(peer)).toEqual([1]);
    }
    expect(peer.resets).toEqual([[0]]);
    peer.send(dataChunk(1, 'b', { ssn: 0 }));
    expect(peer.messages).toHaveLength(2);
  });

  it('before its data has arrived has to wait, whichever number it asks with next', () => {
    for (const retry of [0, 1]) {
      const peer = new RawPeer().connect();
      peer.send(request(0, 1, [0]));
      peer.send(dataChunk(1, 'b'));
      peer.send(request(retry, 1, [0]));
      expect(resultOf(peer)).toEqual([6, 6]);
      expect(peer.resets).toEqual([]);
      peer.send(dataChunk(0, 'a'));
      expect(resultOf(peer)).toEqual([1]);
      expect(peer.resets).toEqual([[0]]);
      peer.send(request(retry, 1, [0]));
      expect(resultOf(peer)).toEqual([1]);
      expect(peer.resets).toEqual([[0]]);
    }
  });

  it('out of turn is refused', () => {
    const peer = new RawPeer().connect();
    for (const offset of [-2, 1, 2 ** 30]) {
      peer.send(request(offset, -1, [0]));
      expect(resultOf(peer)).toEqual([5]);
    }
    expect(peer.resets).toEqual([]);
  });

  it('requests other kinds of resets: denied', () => {
    const peer = new RawPeer().connect();
    for (const [index, type] of [14, 15, 17, 18].entries()) {
      const value = Buffer.alloc(12);
      value.writeUInt16BE(type, 0);
      value.writeUInt16BE(12, 2);
      value.writeUInt32BE(tsnAdd(PEER_FIRST_TSN, index), 4);
      peer.send(encodeChunk(ChunkType.ReConfig, 0, value));
      expect(resultOf(peer)).toEqual([2]);
    }
  });
});

describe('control chunks', () => {
  it('follow the high bits of their type if they are unknown', () => {
    for (const [type, goesOn, reported] of [
      [0x3f, false, false],
      [0x7f, false, true],
      [0xbf, true, false],
      [0xff, true, true],
    ] as const) {
      const peer = new RawPeer().connect();
      const unknown = encodeChunk(type, 3, Buffer.from('?'));
      peer.send(unknown, dataChunk(0, 'behind'));
      expect(peer.messages.length > 0, `type ${type}`).toBe(goesOn);
      const error = peer.takeChunks().find(({ type: sent }) => sent === ChunkType.Error);
      const expected = reported ? [{ type: CauseCode.UnrecognizedChunkType, value: unknown }] : undefined;
      expect(error && readParameters(error.value)).toEqual(expected);
    }
  });

  it('get one report for many that are unknown', () => {
    const peer = new RawPeer().connect();
    peer.send(...Array.from({ length: 2000 }, () => encodeEmptyChunk(0xff)));
    const packets = peer.takePackets();
    expect(packets).toHaveLength(1);
    expect(packets[0]?.chunks[0]?.value.length).toBeLessThan(1000);
  });

  it('HEARTBEAT is answered with what it carried', () => {
    const peer = new RawPeer().connect();
    peer.send(encodeChunk(ChunkType.Heartbeat, 0, Buffer.from('information')));
    expect(peer.takeChunks()).toEqual([{ type: ChunkType.HeartbeatAck, flags: 0, value: Buffer.from('information') }]);
    peer.send(encodeChunk(ChunkType.Heartbeat, 0, Buffer.alloc(2000)));
    expect(peer.takeChunks()).toEqual([]);
  });

  it('ABORT ends it with our tag, or with its own if flagged, and with no other', () => {
    const plain = encodeAbort(CauseCode.UserInitiatedAbort);
    const reflected = encodeChunk(ChunkType.Abort, FLAG_TAG_REFLECTED, Buffer.alloc(0));
    const outcome = (tagOf: (peer: RawPeer) => number, chunk: Buffer) => {
      const peer = new RawPeer().connect();
      peer.sendWithTag(tagOf(peer), chunk);
      return peer.closed;
    };
    expect(outcome((peer) => peer.theirTag, plain)).toEqual(['peer_aborted']);
    expect(outcome(() => PEER_TAG, reflected)).toEqual(['peer_aborted']);
    expect(outcome(() => PEER_TAG, plain)).toEqual([]);
    expect(outcome((peer) => peer.theirTag, reflected)).toEqual([]);
    expect(outcome(() => 0, plain)).toEqual([]);
  });

  it('SHUTDOWN COMPLETE, COOKIE ACK and SHUTDOWN ACK out of turn change nothing', () => {
    const peer = new RawPeer().connect();
    for (const type of [
      ChunkType.ShutdownComplete,
      ChunkType.CookieAck,
      ChunkType.ShutdownAck,
      ChunkType.HeartbeatAck,
    ]) {
      peer.send(encodeEmptyChunk(type));
    }
    expect(peer.association.state).toBe('established');
    expect(peer.takePackets()).toEqual([]);
    expect(peer.association.stats.chunksDropped).toBe(4);
  });

  it('SHUTDOWN lets us finish sending, is acknowledged, and no data is taken after it', () => {
    const peer = new RawPeer().connect();
    peer.association.send(0, 53, Buffer.from('ours'), peer.nowMs);
    peer.takePackets();
    peer.send(encodeShutdown(tsnAdd(peer.theirFirstTsn, -1)));
    expect(peer.association.state).toBe('shutdown_received');
    expect(() => peer.association.send(0, 53, Buffer.from('x'), peer.nowMs)).toThrow(
      expect.objectContaining({ code: 'closed' }),
    );
    peer.send(dataChunk(0, 'theirs'));
    expect(peer.messages).toEqual([]);
    peer.send(encodeShutdown(peer.theirFirstTsn));
    expect(peer.takeTypes()).toContain(ChunkType.ShutdownAck);
    peer.send(encodeEmptyChunk(ChunkType.ShutdownComplete));
    expect(peer.closed).toEqual(['shutdown']);
  });

  it('SHUTDOWN ACK is answered even after the end: our last packet may have been lost', () => {
    const peer = new RawPeer().connect();
    peer.association.close(peer.nowMs);
    expect(peer.takeTypes()).toEqual([ChunkType.Shutdown]);
    peer.send(encodeEmptyChunk(ChunkType.ShutdownAck));
    expect(peer.takeTypes()).toEqual([ChunkType.ShutdownComplete]);
    expect(peer.closed).toEqual(['shutdown']);
    peer.send(encodeEmptyChunk(ChunkType.ShutdownAck));
    expect(peer.takeChunks()).toMatchObject([{ type: ChunkType.ShutdownComplete, flags: FLAG_TAG_REFLECTED }]);
    peer.send(dataChunk(0, 'x'));
    expect(peer.takePackets()).toEqual([]);
    expect(peer.messages).toEqual([]);
  });
});

describe('packets of others', () => {
  it('with another tag or port are dropped and counted', () => {
    const peer = new RawPeer().connect();
    const good = packetOf(peer.theirTag, dataChunk(0, 'x'));
    const { packetsDropped } = peer.association.stats;
    peer.sendWithTag(tsnAdd(peer.theirTag, 1), dataChunk(0, 'x'));
    const elsewhere = new RawPeer({ localPort: 5001 });
    elsewhere.association.receive(good, 0);
    expect(peer.association.stats.packetsDropped).toBe(packetsDropped + 1);
    expect(elsewhere.association.stats.packetsDropped).toBe(1);
    expect(peer.messages).toEqual([]);
  });
});
