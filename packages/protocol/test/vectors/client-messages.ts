import type { ClientMessage } from '@rtcd/protocol';
import { hex } from './hex.ts';

/**
 * Written by hand from the MessagePack specification (github.com/msgpack/msgpack, spec.md):
 * `8x` fixmap of x entries, `ax`/`bx` fixstr of x/16+x bytes, `d9 nn` str 8, `c4 nn` bin 8, `0x` positive fixint,
 * `c2` false, `c3` true, `c0` nil.
 */
export interface Vector<Message> {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly message: Message;
}

/** Messages that we write, byte for byte, and read back. */
export const clientMessageVectors: readonly Vector<ClientMessage>[] = [
  {
    name: 'hello',
    message: { type: 'hello', data: { clientID: 'clientA', connID: 'ybndrfg8ejkmcpqxot1uwisza3' } },
    bytes: hex(`
      a5 68 65 6c 6c 6f                 # fixstr 5 "hello"
      82                                # fixmap, 2 entries
      a8 63 6c 69 65 6e 74 49 44        # fixstr 8 "clientID"
      a7 63 6c 69 65 6e 74 41           # fixstr 7 "clientA"
      a6 63 6f 6e 6e 49 44              # fixstr 6 "connID"
      ba 79 62 6e 64 72 66 67 38 65 6a 6b 6d 63
         70 71 78 6f 74 31 75 77 69 73 7a 61 33  # fixstr 26
    `),
  },
  {
    name: 'join',
    message: {
      type: 'join',
      data: { callID: 'c1', userID: 'u1', sessionID: 's1', channelID: 'ch', av1Support: true, dcSignaling: false },
    },
    bytes: hex(`
      a4 6a 6f 69 6e                    # fixstr 4 "join"
      86                                # fixmap, 6 entries
      a6 63 61 6c 6c 49 44              # "callID"
      a2 63 31                          # "c1"
      a6 75 73 65 72 49 44              # "userID"
      a2 75 31                          # "u1"
      a9 73 65 73 73 69 6f 6e 49 44     # "sessionID"
      a2 73 31                          # "s1"
      a9 63 68 61 6e 6e 65 6c 49 44     # "channelID"
      a2 63 68                          # "ch"
      aa 61 76 31 53 75 70 70 6f 72 74  # "av1Support"
      c3                                # true
      ab 64 63 53 69 67 6e 61 6c 69 6e 67  # "dcSignaling"
      c2                                # false
    `),
  },
  ...(['leave', 'reconnect', 'close'] as const).map((type) => ({
    name: type,
    message: { type, data: { sessionID: 's1' } },
    bytes: hex(`
      ${{ leave: 'a5 6c 65 61 76 65', reconnect: 'a9 72 65 63 6f 6e 6e 65 63 74', close: 'a5 63 6c 6f 73 65' }[type]}
      81                                # fixmap, 1 entry
      a9 73 65 73 73 69 6f 6e 49 44     # "sessionID"
      a2 73 31                          # "s1"
    `),
  })),
  {
    name: 'rtc without data',
    message: {
      type: 'rtc',
      data: { groupID: 'g', userID: 'u', sessionID: 's', callID: 'c', type: 3, data: new Uint8Array() },
    },
    bytes: hex(`
      a3 72 74 63                       # fixstr 3 "rtc"
      85                                # fixmap, 5 entries: data is left out
      a8 67 72 6f 75 70 5f 69 64        # "group_id"
      a1 67                             # "g"
      a7 75 73 65 72 5f 69 64           # "user_id"
      a1 75                             # "u"
      aa 73 65 73 73 69 6f 6e 5f 69 64  # "session_id"
      a1 73                             # "s"
      a7 63 61 6c 6c 5f 69 64           # "call_id"
      a1 63                             # "c"
      a4 74 79 70 65                    # "type"
      03                                # positive fixint 3: Mute
    `),
  },
  {
    name: 'rtc with data',
    message: {
      type: 'rtc',
      data: { groupID: 'g', userID: 'u', sessionID: 's', callID: 'c', type: 2, data: hex('7b 7d') },
    },
    bytes: hex(`
      a3 72 74 63                       # "rtc"
      86                                # fixmap, 6 entries
      a8 67 72 6f 75 70 5f 69 64 a1 67  # "group_id" "g"
      a7 75 73 65 72 5f 69 64 a1 75     # "user_id" "u"
      aa 73 65 73 73 69 6f 6e 5f 69 64 a1 73  # "session_id" "s"
      a7 63 61 6c 6c 5f 69 64 a1 63     # "call_id" "c"
      a4 74 79 70 65 02                 # "type" 2: SDP
      a4 64 61 74 61                    # "data"
      c4 02 7b 7d                       # bin 8, 2 bytes: {}
    `),
  },
  {
    name: 'vad',
    message: {
      type: 'vad',
      data: { groupID: 'g', userID: 'u', sessionID: 's', callID: 'c', type: 8, data: new Uint8Array() },
    },
    bytes: hex(`
      a3 76 61 64                       # "vad"
      85                                # fixmap, 5 entries
      a8 67 72 6f 75 70 5f 69 64 a1 67  # "group_id" "g"
      a7 75 73 65 72 5f 69 64 a1 75     # "user_id" "u"
      aa 73 65 73 73 69 6f 6e 5f 69 64 a1 73  # "session_id" "s"
      a7 63 61 6c 6c 5f 69 64 a1 63     # "call_id" "c"
      a4 74 79 70 65 08                 # "type" 8: VoiceOff
    `),
  },
];

const rtcMute = { groupID: '', userID: '', sessionID: 's', callID: '', type: 3, data: new Uint8Array() } as const;
const SESSION_ID = 'aa 73 65 73 73 69 6f 6e 5f 69 64 a1 73';

/** Messages that others may write, and that we only read. */
export const lenientClientMessageVectors: readonly Vector<ClientMessage>[] = [
  ...(
    [
      ['uint 8', 'cc 03'],
      ['uint 16', 'cd 00 03'],
      ['uint 32', 'ce 00 00 00 03'],
      ['uint 64', 'cf 00 00 00 00 00 00 00 03'],
      ['int 8', 'd0 03'],
      ['int 16', 'd1 00 03'],
      ['int 32', 'd2 00 00 00 03'],
      ['int 64', 'd3 00 00 00 00 00 00 00 03'],
    ] as const
  ).map(([name, three]) => ({
    name: `rtc with type as ${name}`,
    message: { type: 'rtc' as const, data: rtcMute },
    bytes: hex(`
      a3 72 74 63                       # "rtc"
      82                                # fixmap, 2 entries
      ${SESSION_ID}                     # "session_id" "s"
      a4 74 79 70 65 ${three}           # "type" 3
    `),
  })),
  {
    name: 'rtc with data as a string, the type as str 8 and the map as map 16',
    message: { type: 'rtc', data: { ...rtcMute, data: hex('7b 7d') } },
    bytes: hex(`
      d9 03 72 74 63                    # str 8 "rtc"
      de 00 03                          # map 16, 3 entries
      ${SESSION_ID}                     # "session_id" "s"
      a4 64 61 74 61 a2 7b 7d           # "data" fixstr 2 "{}"
      a4 74 79 70 65 03                 # "type" 3
    `),
  },
  {
    name: 'rtc with nil data and unknown keys',
    message: { type: 'rtc', data: rtcMute },
    bytes: hex(`
      a3 72 74 63                       # "rtc"
      88                                # fixmap, 8 entries
      a1 78 92 01 81 a1 79 c0           # "x" [1, {"y": nil}]
      a1 77 c7 02 05 aa bb              # "w" ext 8, 2 bytes of type 5
      a1 76 c8 00 01 05 aa              # "v" ext 16, 1 byte of type 5
      01 a0                             # 1: ""
      ${SESSION_ID}                     # "session_id" "s"
      a4 64 61 74 61 c0                 # "data" nil
      a1 7a d6 ff 00 00 00 00           # "z" fixext 4 of type -1: a timestamp
      a4 74 79 70 65 03                 # "type" 3
    `),
  },
  {
    name: 'hello to an admin',
    message: { type: 'hello', data: { clientID: '', connID: 'id' } },
    bytes: hex(`
      a5 68 65 6c 6c 6f                 # "hello"
      82                                # fixmap, 2 entries
      a8 63 6c 69 65 6e 74 49 44 a0     # "clientID" ""
      a6 63 6f 6e 6e 49 44 a2 69 64     # "connID" "id"
    `),
  },
  {
    name: 'join of an older client',
    message: {
      type: 'join',
      data: { callID: 'c1', userID: 'u1', sessionID: 's1', channelID: '', av1Support: false, dcSignaling: false },
    },
    bytes: hex(`
      a4 6a 6f 69 6e                    # "join"
      84                                # fixmap, 4 entries
      a6 63 61 6c 6c 49 44 a2 63 31     # "callID" "c1"
      a6 75 73 65 72 49 44 a2 75 31     # "userID" "u1"
      a9 73 65 73 73 69 6f 6e 49 44 a2 73 31  # "sessionID" "s1"
      aa 61 76 31 53 75 70 70 6f 72 74 c0  # "av1Support" nil
    `),
  },
];

/** Each breaks one rule. */
export const invalidClientMessages: readonly (readonly [name: string, bytes: Uint8Array])[] = [
  ['nothing', hex('')],
  ['a type alone', hex('a3 72 74 63')],
  ['an unknown type', hex('a3 66 6f 6f 80')],
  ['a number as type', hex('01 80')],
  ['nil as type', hex('c0 80')],
  ['an array around type and data', hex(`92 a5 6c 65 61 76 65 81 a9 73 65 73 73 69 6f 6e 49 44 a2 73 31`)],
  ['a third value', hex(`a5 6c 65 61 76 65 81 a9 73 65 73 73 69 6f 6e 49 44 a2 73 31 c0`)],
  ['nil as data', hex('a5 6c 65 61 76 65 c0')],
  ['an array as data', hex('a5 6c 65 61 76 65 91 a2 73 31')],
  ['leave without a session', hex('a5 6c 65 61 76 65 80')],
  ['leave with an empty session', hex('a5 6c 65 61 76 65 81 a9 73 65 73 73 69 6f 6e 49 44 a0')],
  ['leave with a number as session', hex('a5 6c 65 61 76 65 81 a9 73 65 73 73 69 6f 6e 49 44 01')],
  ['join with a number as flag', hex('a4 6a 6f 69 6e 81 aa 61 76 31 53 75 70 70 6f 72 74 01')],
  ['rtc without a session', hex('a3 72 74 63 81 a4 74 79 70 65 03')],
  ['rtc with an empty session', hex('a3 72 74 63 82 aa 73 65 73 73 69 6f 6e 5f 69 64 a0 a4 74 79 70 65 03')],
  ['rtc without a type', hex(`a3 72 74 63 81 ${SESSION_ID}`)],
  ['rtc of type 0', hex(`a3 72 74 63 82 ${SESSION_ID} a4 74 79 70 65 00`)],
  ['rtc of type 11', hex(`a3 72 74 63 82 ${SESSION_ID} a4 74 79 70 65 0b`)],
  ['rtc of type -1', hex(`a3 72 74 63 82 ${SESSION_ID} a4 74 79 70 65 ff`)],
  ['rtc of type "3"', hex(`a3 72 74 63 82 ${SESSION_ID} a4 74 79 70 65 a1 33`)],
  ['rtc with a number as data', hex(`a3 72 74 63 83 ${SESSION_ID} a4 74 79 70 65 03 a4 64 61 74 61 01`)],
  ['vad of type Mute', hex(`a3 76 61 64 82 ${SESSION_ID} a4 74 79 70 65 03`)],
  ['a map with an array as key', hex('a5 6c 65 61 76 65 81 90 01')],
  ['a map with the key __proto__', hex('a5 6c 65 61 76 65 81 a9 5f 5f 70 72 6f 74 6f 5f 5f 80')],
  ['the header that is never used', hex('a5 6c 65 61 76 65 c1')],
  ['a timestamp of the wrong size', hex('a5 6c 65 61 76 65 d5 ff 00 00')],
];
