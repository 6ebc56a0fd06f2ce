import { deflateSync } from 'node:zlib';
import { decodeDataChannelMessage, encodeDataChannelMessage, type SessionDescription } from '@rtcd/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { DropCounts } from '../inspect/drops.ts';
import { SessionJournal } from '../inspect/session-journal.ts';
import { silentLogger, silentMetrics } from '../ports.ts';
import { MessageAdmission } from './admission.ts';
import { CallsChannel } from './on-data-channel.ts';

const CALLS = { id: 0, label: 'calls-dc', protocol: '', ordered: true };

let sent: (Uint8Array | string)[];
let measured: [name: string, groupID: string, value: number][];
let drops: DropCounts;
let opened: number;
let described: SessionDescription[];
let refusals: number;
/** Work that waits for its turn. */
let turns: ((nowMs: number) => void)[];
let channel: CallsChannel;

beforeEach(() => {
  sent = [];
  measured = [];
  opened = 0;
  described = [];
  turns = [];
  refusals = 0;
  drops = new DropCounts();
  const metrics = {
    ...silentMetrics,
    clientLossRate: (groupID: string, value: number) => void measured.push(['lossRate', groupID, value]),
    clientRtt: (groupID: string, value: number) => void measured.push(['rtt', groupID, value]),
    clientJitter: (groupID: string, value: number) => void measured.push(['jitter', groupID, value]),
    error: () => {
      refusals += 1;
    },
  };
  const props = { channelID: '', av1Support: false, dcSignaling: false };
  const config = { groupID: 'group', callID: 'call', userID: 'user', sessionID: 'session', props };
  const journal = new SessionJournal(config, { logger: silentLogger, metrics }, 0);
  channel = new CallsChannel(
    { journal, admission: new MessageAdmission(journal, 0), drops },
    {
      send: (_, data) => void sent.push(data),
      onOpen: () => {
        opened += 1;
      },
      waitForTurn: (work) => void turns.push(work),
      onDescription: (description) => void described.push(description),
      takeLock: () => true,
      releaseLock() {},
    },
  );
});

const receiveHex = (hex: string) => channel.receive(CALLS, Buffer.from(hex, 'hex'), 0);

describe('the data channel of the contract', () => {
  it('is the first one of its label', () => {
    channel.open({ ...CALLS, id: 2, label: 'other' }, 0);
    expect(opened).toBe(0);
    channel.open(CALLS, 0);
    channel.open({ ...CALLS, id: 4 }, 0);
    expect(opened).toBe(1);
    channel.receive({ ...CALLS, id: 4 }, 'ping', 0);
    expect(sent).toEqual([]);
    expect(drops.message_unexpected).toBe(1);
  });

  it('answers the text ping of older mobile clients with the text pong, and no other text', () => {
    channel.open(CALLS, 0);
    channel.receive(CALLS, 'ping', 0);
    channel.receive(CALLS, 'Ping', 0);
    channel.receive(CALLS, 'pong', 0);
    expect(sent).toEqual(['pong']);
  });

  it.each([
    ['a fixint', '01'],
    ['8 bits', 'cc01'],
    ['signed 16 bits', 'd10001'],
    ['32 bits', 'ce00000001'],
    ['64 bits', 'cf0000000000000001'],
  ])('accepts a type that is encoded as %s', (_, hex) => {
    channel.open(CALLS, 0);
    receiveHex(hex);
    expect(sent.map((data) => decodeDataChannelMessage(data as Uint8Array))).toEqual([{ type: 'pong' }]);
  });

  it('accepts measurements as numbers of any encoding', () => {
    channel.open(CALLS, 0);
    receiveHex('04ca3e800000');
    receiveHex('05cb3fe0000000000000');
    receiveHex('0602');
    expect(measured).toEqual([
      ['lossRate', 'group', 0.25],
      ['rtt', 'group', 0.5],
      ['jitter', 'group', 2],
    ]);
  });
});

describe('a description on the data channel', () => {
  const nextTurn = () => turns.shift()!(0);
  const receive = (...messages: Parameters<typeof encodeDataChannelMessage>[0][]) => {
    for (const message of messages) channel.receive(CALLS, encodeDataChannelMessage(message), 0);
  };
  const offerOf = (sdp: string) => ({ type: 'sdp', description: { type: 'offer', sdp } }) as const;
  const sentTypes = () => sent.map((data) => decodeDataChannelMessage(data as Uint8Array).type);
  /** A message around bytes that inflate to something that is no description. */
  const bomb = (inflated: Buffer) => {
    const compressed = deflateSync(inflated);
    const header = Buffer.from([3, 0xc5, compressed.length >>> 8, compressed.length & 0xff]);
    return Buffer.concat([header, compressed]);
  };

  beforeEach(() => channel.open(CALLS, 0));

  it('waits for its turn, and what comes behind it waits for it', () => {
    receive({ type: 'ping' }, offerOf('first'), { type: 'lock' }, offerOf('second'), { type: 'ping' });
    expect([sentTypes(), described, turns.length]).toEqual([['pong'], [], 1]);
    nextTurn();
    expect(sentTypes()).toEqual(['pong', 'lock']);
    expect(described.map(({ sdp }) => sdp)).toEqual(['first']);
    nextTurn();
    expect(sentTypes()).toEqual(['pong', 'lock', 'pong']);
    expect(described.map(({ sdp }) => sdp)).toEqual(['first', 'second']);
    expect(turns).toEqual([]);
  });

  it('is a copy while it waits', () => {
    const data = encodeDataChannelMessage(offerOf('sdp'));
    channel.receive(CALLS, data, 0);
    data.fill(0);
    nextTurn();
    expect(described).toHaveLength(1);
  });

  it('waits with a bounded number of messages', () => {
    receive(...Array.from({ length: 40 }, () => ({ type: 'ping' }) as const));
    expect(drops.message_over_limit).toBe(0);
    receive(offerOf('sdp'), ...Array.from({ length: 40 }, () => ({ type: 'ping' }) as const));
    expect(drops.message_over_limit).toBe(9);
    nextTurn();
    expect(sent).toHaveLength(40 + 31);
  });

  it('waits with a bounded number of bytes, which are free again when it is read', () => {
    const large = Buffer.concat([Buffer.from('01', 'hex'), Buffer.alloc(50_000)]);
    for (const dropped of [1, 2]) {
      receive(offerOf('sdp'));
      for (let count = 0; count < 3; count++) channel.receive(CALLS, large, 0);
      expect(drops.message_over_limit).toBe(dropped);
      nextTurn();
    }
    expect(described).toHaveLength(2);
  });

  it('is not read once its association has ended', () => {
    receive(offerOf('sdp'));
    channel.reset();
    nextTurn();
    expect(described).toEqual([]);
  });

  it('is charged what it inflates to before it is read, so that the ones behind it are not inflated', () => {
    const message = bomb(Buffer.alloc(1 << 20, ' '));
    for (let count = 0; count < 10; count++) channel.receive(CALLS, message, 0);
    expect(drops.message_over_limit).toBe(0);
    while (turns.length > 0) nextTurn();
    // 2 MiB at once.
    expect(refusals).toBe(2);
    expect(drops.message_over_limit).toBe(8);
  });
});
