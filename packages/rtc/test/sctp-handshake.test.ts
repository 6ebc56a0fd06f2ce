import { describe, expect, it } from 'vitest';
import { CauseCode, encodeError } from '../src/sctp/wire/cause.ts';
import { ChunkType, encodeChunk, encodeEmptyChunk } from '../src/sctp/wire/chunk.ts';
import { encodeInit, readInit } from '../src/sctp/wire/init.ts';
import { readParameters } from '../src/sctp/wire/parameter.ts';
import { dataChunk, PEER_INIT, PEER_TAG, RawPeer } from './sctp-raw-peer.ts';

describe('the handshake, passive', () => {
  it('keeps nothing of a peer before its cookie returns', () => {
    const peer = new RawPeer();
    for (let count = 0; count < 100; count += 1) peer.init({ initiateTag: count + 1 });
    expect(peer.association.state).toBe('new');
    expect(peer.association.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('is established with the cookie, and accepts data from the same packet', () => {
    const peer = new RawPeer();
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, peer.init()), dataChunk(0, 'early'));
    expect(peer.association.state).toBe('established');
    expect(peer.messages.map(({ data }) => data.toString())).toEqual(['early']);
    const [packet] = peer.takePackets();
    expect(packet?.verificationTag).toBe(PEER_TAG);
    expect(packet?.chunks[0]?.type).toBe(ChunkType.CookieAck);
  });

  it('acknowledges a repeated cookie, and reports the connection only once', () => {
    const peer = new RawPeer();
    const echo = encodeChunk(ChunkType.CookieEcho, 0, peer.init());
    for (let count = 0; count < 3; count += 1) {
      peer.send(echo);
      expect(peer.takeTypes()).toEqual([ChunkType.CookieAck]);
    }
    expect(peer.connected).toBe(1);
  });

  it('refuses a cookie that was changed, of another association, or older than a minute', () => {
    const peer = new RawPeer();
    const cookie = peer.init();
    const changed = Buffer.from(cookie);
    changed[12]! ^= 1;
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, changed));
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, new RawPeer({ random: (size) => Buffer.alloc(size, 3) }).init()));
    peer.wait(60_001);
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, cookie));
    expect(peer.association.state).toBe('new');
    expect(peer.takePackets()).toEqual([]);
  });

  it('refuses a restart, and anything else that would take over an established association', () => {
    const peer = new RawPeer().connect();
    peer.sendWithTag(0, encodeInit(ChunkType.Init, { ...PEER_INIT, initiateTag: 99 }));
    peer.sendWithTag(0, encodeInit(ChunkType.Init, PEER_INIT));
    expect(peer.takePackets()).toEqual([]);
    peer.send(dataChunk(0, 'still here'));
    expect(peer.messages).toHaveLength(1);
    expect(peer.closed).toEqual([]);
  });

  it('refuses an INIT with a tag, with other chunks, or with an impossible window', () => {
    const peer = new RawPeer();
    const init = encodeInit(ChunkType.Init, PEER_INIT);
    peer.sendWithTag(1, init);
    peer.sendWithTag(0, init, encodeEmptyChunk(ChunkType.CookieAck));
    peer.sendWithTag(0, encodeEmptyChunk(ChunkType.CookieAck), init);
    peer.sendWithTag(0, encodeInit(ChunkType.Init, { ...PEER_INIT, receiverWindowBytes: 1499 }));
    expect(peer.takePackets()).toEqual([]);
  });

  it('names unknown parameters in its answer, up to a bound', () => {
    const peer = new RawPeer();
    const strange = { type: 0xff42, value: Buffer.from('what') };
    const large = { type: 0xff43, value: Buffer.alloc(5000) };
    peer.sendWithTag(0, encodeInit(ChunkType.Init, PEER_INIT, [strange, large]));
    const [chunk] = peer.takeChunks();
    const parameters = readParameters(chunk!.value.subarray(16))!;
    const reported = parameters.filter(({ type }) => type === 8).map(({ value }) => readParameters(value));
    expect(reported).toEqual([[strange]]);
    expect(readInit(chunk!.value)?.cookie).toBeDefined();
  });

  it('accepts a peer without extensions, and resets no streams with it', () => {
    const peer = new RawPeer();
    const value = Buffer.from('abcd0123' + '00010000' + '0010' + '0010' + '00000001', 'hex');
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, peer.sendInit(encodeChunk(ChunkType.Init, 0, value))));
    expect(peer.association.state).toBe('established');
    expect(peer.association.outboundStreams).toBe(16);
    expect(() => peer.association.send(16, 53, Buffer.from('x'), peer.nowMs)).toThrow(/stream 16/);
    expect(peer.association.resetStreams([0], peer.nowMs)).toBe(false);
    expect(new RawPeer().connect().association.resetStreams([0], 1000)).toBe(true);
  });

  it('ignores data, cookies and aborts before anything has begun', () => {
    const peer = new RawPeer();
    peer.send(dataChunk(0, 'x'));
    peer.send(encodeChunk(ChunkType.CookieEcho, 0, Buffer.alloc(60)));
    peer.send(encodeEmptyChunk(ChunkType.CookieAck));
    peer.send(encodeEmptyChunk(ChunkType.Abort));
    expect([peer.takePackets(), peer.messages, peer.closed]).toEqual([[], [], []]);
  });
});

describe('the handshake, active', () => {
  it('tries for half a minute, then gives up', () => {
    const peer = new RawPeer();
    peer.association.connect(peer.nowMs);
    peer.wait(29_000);
    expect(peer.association.state).toBe('cookie_wait');
    peer.wait(10_000);
    expect(peer.closed).toEqual(['handshake_failed']);
    expect(peer.takeTypes()).toEqual(Array(9).fill(ChunkType.Init));
    expect(peer.association.deadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it('reports unknown parameters after its cookie echo, and gives up on a stale cookie', () => {
    const peer = new RawPeer();
    peer.association.connect(peer.nowMs);
    const theirTag = readInit(peer.takeChunks()[0]!.value)!.initiateTag;
    const parameters = [
      { type: 0xff42, value: Buffer.from('what') },
      { type: 7, value: Buffer.from('a cookie') },
    ];
    peer.sendWithTag(theirTag, encodeInit(ChunkType.InitAck, PEER_INIT, parameters));
    const [packet] = peer.takePackets();
    expect(packet?.verificationTag).toBe(PEER_TAG);
    expect(packet?.chunks.map(({ type }) => type)).toEqual([ChunkType.CookieEcho, ChunkType.Error]);
    expect(packet?.chunks[0]?.value.toString()).toBe('a cookie');
    peer.sendWithTag(theirTag, encodeError([{ type: CauseCode.StaleCookie, value: Buffer.alloc(4) }]));
    expect(peer.closed).toEqual(['handshake_failed']);
  });

  it('ignores an INIT ACK without a cookie, and an unsolicited one', () => {
    const peer = new RawPeer();
    peer.association.connect(peer.nowMs);
    const theirTag = readInit(peer.takeChunks()[0]!.value)!.initiateTag;
    peer.sendWithTag(theirTag, encodeInit(ChunkType.InitAck, PEER_INIT));
    expect(peer.association.state).toBe('cookie_wait');
    const up = new RawPeer().connect();
    up.send(encodeInit(ChunkType.InitAck, PEER_INIT, [{ type: 7, value: Buffer.from('cookie') }]));
    expect(up.association.state).toBe('established');
    expect(up.takePackets()).toEqual([]);
  });
});
