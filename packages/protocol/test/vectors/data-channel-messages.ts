import type { DataChannelMessage } from '@rtcd/protocol';
import type { Vector } from './client-messages.ts';
import { hex } from './hex.ts';

/** Written by hand from the MessagePack specification; `cb` is float 64 (IEEE 754, big-endian). */
export const dataChannelVectors: readonly Vector<DataChannelMessage>[] = [
  { name: 'ping', message: { type: 'ping' }, bytes: hex('01') },
  { name: 'pong', message: { type: 'pong' }, bytes: hex('02') },
  {
    name: 'lossRate',
    message: { type: 'lossRate', value: 0.5 },
    bytes: hex('04 cb 3f e0 00 00 00 00 00 00'), // exponent 1022 - 1023 = -1, fraction 0
  },
  {
    name: 'roundTripTime',
    message: { type: 'roundTripTime', value: 1 },
    bytes: hex('05 01'), // a whole number takes the smallest integer form
  },
  {
    name: 'jitter',
    message: { type: 'jitter', value: 0.375 },
    bytes: hex('06 cb 3f d8 00 00 00 00 00 00'), // 1.5 * 2^-2
  },
  { name: 'lock request', message: { type: 'lock' }, bytes: hex('07') },
  { name: 'lock granted', message: { type: 'lock', granted: true }, bytes: hex('07 c3') },
  { name: 'lock refused', message: { type: 'lock', granted: false }, bytes: hex('07 c2') },
  { name: 'unlock', message: { type: 'unlock' }, bytes: hex('08') },
  { name: 'empty mediaMap', message: { type: 'mediaMap', map: {} }, bytes: hex('09 80') },
  {
    name: 'mediaMap',
    message: {
      type: 'mediaMap',
      map: { 1: { type: 'voice', senderID: 's1' }, 2: { type: 'screen-audio', senderID: 's2' } },
    },
    bytes: hex(`
      09                                # positive fixint 9
      82                                # fixmap, 2 entries
      a1 31                             # fixstr 1 "1": mids are strings
      82                                # fixmap, 2 entries
      a4 74 79 70 65                    # "type"
      a5 76 6f 69 63 65                 # "voice"
      a9 73 65 6e 64 65 72 5f 69 64     # "sender_id"
      a2 73 31                          # "s1"
      a1 32                             # "2"
      82                                # fixmap, 2 entries
      a4 74 79 70 65                    # "type"
      ac 73 63 72 65 65 6e 2d 61 75 64 69 6f  # fixstr 12 "screen-audio"
      a9 73 65 6e 64 65 72 5f 69 64     # "sender_id"
      a2 73 32                          # "s2"
    `),
  },
];

/** `{"type":"answer","sdp":"v"}` in a zlib stream (RFC 1950) that holds it uncompressed (RFC 1951, section 3.2.4). */
const STORED_SDP = `
  78 01                                 # deflate with a 32 KiB window, fastest
  01 1b 00 e4 ff                        # last block, stored, 27 bytes, and the complement of 27
  7b 22 74 79 70 65 22 3a 22 61 6e 73 77 65 72 22 2c  # {"type":"answer",
  22 73 64 70 22 3a 22 76 22 7d         # "sdp":"v"}
`;

/** Messages that others may write, and that we only read. */
export const lenientDataChannelVectors: readonly Vector<DataChannelMessage>[] = [
  { name: 'ping as uint 64', message: { type: 'ping' }, bytes: hex('cf 00 00 00 00 00 00 00 01') },
  { name: 'ping as int 64', message: { type: 'ping' }, bytes: hex('d3 00 00 00 00 00 00 00 01') },
  { name: 'ping as int 8', message: { type: 'ping' }, bytes: hex('d0 01') },
  { name: 'ping with nil', message: { type: 'ping' }, bytes: hex('01 c0') },
  { name: 'lock request with nil', message: { type: 'lock' }, bytes: hex('07 c0') },
  { name: 'lossRate as fixint', message: { type: 'lossRate', value: 0 }, bytes: hex('04 00') },
  { name: 'lossRate as float 32', message: { type: 'lossRate', value: 0.5 }, bytes: hex('04 ca 3f 00 00 00') },
  { name: 'roundTripTime as uint 16', message: { type: 'roundTripTime', value: 2 }, bytes: hex('05 cd 00 02') },
  { name: 'jitter as int 64', message: { type: 'jitter', value: 2 }, bytes: hex('06 d3 00 00 00 00 00 00 00 02') },
  {
    name: 'sdp, not compressed',
    message: { type: 'sdp', description: { type: 'answer', sdp: 'v' } },
    // bin 8 of 2 + 5 + 27 + 4 bytes; the last four are the Adler-32 of the 27
    bytes: hex(`03 c4 26 ${STORED_SDP} 7f 07 08 b8`),
  },
];

/** Each breaks one rule. */
export const invalidDataChannelMessages: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', hex('')],
  ['type 0', hex('00')],
  ['type 10', hex('0a')],
  ['type -1', hex('ff')],
  ['a string as type', hex('a1 31')],
  ['two pings', hex('01 01')],
  ['ping with a payload', hex('01 a0')],
  ['three values', hex('07 c3 c3')],
  ['lock with a number', hex('07 01')],
  ['lossRate without a value', hex('04')],
  ['lossRate NaN', hex('04 cb 7f f8 00 00 00 00 00 00')],
  ['lossRate Infinity', hex('04 cb 7f f0 00 00 00 00 00 00')],
  ['lossRate -Infinity', hex('04 cb ff f0 00 00 00 00 00 00')],
  ['lossRate -1', hex('04 ff')],
  ['jitter -0.5', hex('06 cb bf e0 00 00 00 00 00 00')],
  ['jitter as a string', hex('06 a1 31')],
  ['sdp without a payload', hex('03')],
  ['sdp as a string', hex('03 a2 7b 7d')],
  ['sdp that is not zlib', hex('03 c4 02 7b 7d')],
  ['sdp with a wrong checksum', hex(`03 c4 26 ${STORED_SDP} 00 00 00 00`)],
  ['sdp with a zlib stream cut short', hex(`03 c4 22 ${STORED_SDP}`)],
  ['mediaMap without a map', hex('09')],
  ['mediaMap with an array', hex('09 90')],
  [
    'mediaMap with an unknown track type',
    hex('09 81 a1 31 82 a4 74 79 70 65 a1 78 a9 73 65 6e 64 65 72 5f 69 64 a1 73'),
  ],
  ['mediaMap without a sender', hex('09 81 a1 31 81 a4 74 79 70 65 a5 76 6f 69 63 65')],
];
