import { encodeClientMessage } from '@rtcd/protocol';
import { type Attack, pause, type Target, writeAll } from '../attack.ts';
import { frame } from '../raw-websocket.ts';

const BURST_INTERVAL_MS = 1_000;
const encoder = new TextEncoder();

/** A burst of messages on one WebSocket, in as few writes as TCP allows, again each second. */
function bursts(name: string, description: string, makeBurst: () => Buffer): Attack {
  return {
    name,
    description,
    async prepare(target: Target) {
      await target.register('attacker');
      const socket = await target.openSocket('attacker');
      socket.resume();
      const burst = makeBurst();
      return async (signal) => {
        let count = 0;
        for (; !signal.aborted && !socket.destroyed; count++) {
          await writeAll(socket, burst, signal);
          await pause(BURST_INTERVAL_MS, signal);
        }
        socket.destroy();
        return `${count} bursts of ${burst.length} bytes`;
      };
    },
  };
}

const repeat = (count: number, message: (index: number) => Uint8Array): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, index) => frame(message(index))));

const session = (sessionID: string) => ({
  callID: 'attack',
  userID: 'u',
  sessionID,
  channelID: 'c',
  av1Support: false,
  dcSignaling: true,
});

function text(value: string): Buffer {
  const bytes = encoder.encode(value);
  return bytes.length < 32
    ? Buffer.from([0xa0 | bytes.length, ...bytes])
    : Buffer.concat([Buffer.from([0xd9, bytes.length]), bytes]);
}

/** The MessagePack of a message whose data is a map of unknown keys. */
function mapMessage(type: string, entries: number, entry: (index: number) => Buffer): Buffer {
  const head = Buffer.from([0xde, entries >>> 8, entries & 0xff]);
  return Buffer.concat([text(type), head, ...Array.from({ length: entries }, (_, index) => entry(index))]);
}

/** As many entries as make a map of about 245 KB. */
const LARGE_MAP_ENTRIES = 24_500;

/** All on one WebSocket of one installation. */
export const ONE_SOCKET_ATTACKS: readonly Attack[] = [
  bursts('reconnects', 'one WebSocket: 40,000 reconnect messages', () =>
    repeat(40_000, () => encodeClientMessage({ type: 'reconnect', data: { sessionID: 's' } })),
  ),
  bursts('junk', 'one WebSocket: 60,000 junk messages', () =>
    repeat(60_000, (index) => Buffer.from([0xc1, index & 0xff])),
  ),
  bursts('join-leave', 'one WebSocket: 10,000 joins and leaves', () =>
    repeat(20_000, (index) => {
      const sessionID = `s${index >>> 1}`;
      return index % 2 === 0
        ? encodeClientMessage({ type: 'join', data: session(sessionID) })
        : encodeClientMessage({ type: 'leave', data: { sessionID } });
    }),
  ),
  bursts('large-maps', 'one WebSocket: 40 maps of 245 KB', () =>
    repeat(40, () =>
      mapMessage('join', LARGE_MAP_ENTRIES, (index) =>
        Buffer.concat([text(index.toString(36).padStart(8, 'k')), Buffer.from([1])]),
      ),
    ),
  ),
  bursts('unknown-keys', 'one WebSocket: messages of 8,000 unknown keys in 55 KB', () =>
    repeat(40, () =>
      mapMessage('rtc', 8_000, (index) => Buffer.concat([text(index.toString(36).padStart(5, 'k')), Buffer.from([1])])),
    ),
  ),
  bursts('joins', 'one WebSocket: 12,000 joins', () =>
    repeat(12_000, (index) => encodeClientMessage({ type: 'join', data: session(`s${index}`) })),
  ),
];
