import { decodeDataChannelMessage } from '@rtcd/protocol';
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
let channel: CallsChannel;

beforeEach(() => {
  sent = [];
  measured = [];
  opened = 0;
  drops = new DropCounts();
  const metrics = {
    ...silentMetrics,
    clientLossRate: (groupID: string, value: number) => void measured.push(['lossRate', groupID, value]),
    clientRtt: (groupID: string, value: number) => void measured.push(['rtt', groupID, value]),
    clientJitter: (groupID: string, value: number) => void measured.push(['jitter', groupID, value]),
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
      onDescription() {},
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
