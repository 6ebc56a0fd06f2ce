import { deflateSync } from 'node:zlib';
import type { Participant } from '@rtcd/rtc/testing';
import { type Attack, pause, type Target } from '../attack.ts';
import { joinThrough } from '../join-through.ts';

const MEDIA_MAP = 9;
const SDP = 3;
const MESSAGE_INTERVAL_MS = 10;
const RTP_PACKETS_PER_SECOND = 10_000;
const RTP_BYTES = 1_100;
const RTP_TURN_MS = 5;

async function joinPeers(target: Target, count: number): Promise<readonly Participant[]> {
  const client = await target.connect('attacker');
  const peers: Participant[] = [];
  // Each in a call of its own: a flood of RTP is then about receiving, not about forwarding.
  for (let index = 0; index < count; index++) peers.push(await joinThrough(client, `call-${index}`, `peer-${index}`));
  return peers;
}

/** Connected peers that each send a data channel message in a loop. */
function channelFlood(name: string, description: string, peers: number, message: () => Buffer): Attack {
  return {
    name,
    description,
    async prepare(target: Target) {
      const participants = await joinPeers(target, peers);
      const bytes = message();
      let closed = 0;
      for (const participant of participants) participant.on('closed', () => closed++);
      return async (signal) => {
        let sent = 0;
        while (!signal.aborted && closed < peers) {
          for (const participant of participants) {
            try {
              participant.sendRawMessage(bytes);
              sent += 1;
            } catch {
              // Its send buffer is full, or the service has ended its session.
            }
          }
          await pause(MESSAGE_INTERVAL_MS, signal);
        }
        await Promise.all(participants.map((participant) => participant.vanish().catch(() => {})));
        return `${sent} messages of ${bytes.length} bytes, ${closed} of ${peers} peers ended by the service`;
      };
    },
  };
}

/** A type's number and a map with short keys and empty maps as values. */
function mapMessage(type: number, entries: number): Buffer {
  const keys = Array.from({ length: entries }, (_, index) => {
    const key = index.toString(36).padStart(4, '0');
    return Buffer.concat([Buffer.from([0xa0 | key.length]), Buffer.from(key), Buffer.from([0x80])]);
  });
  return Buffer.concat([Buffer.from([type, 0xde, entries >>> 8, entries & 0xff]), ...keys]);
}

/** A description that inflates to the largest size allowed. */
function largeDescription(): Buffer {
  const json = JSON.stringify({ type: 'offer', sdp: `v=0\r\n${'a=x\r\n'.repeat(40_000)}` });
  const compressed = deflateSync(json);
  return Buffer.concat([Buffer.from([SDP, 0xc5, compressed.length >>> 8, compressed.length & 0xff]), compressed]);
}

const RTP_FLOOD: Attack = {
  name: 'rtp-flood',
  description: '10 peers, each up to 10,000 RTP packets/s of 1,100 bytes',
  async prepare(target: Target) {
    const participants = await joinPeers(target, 10);
    return async (signal) => {
      let sent = 0;
      const startMs = performance.now();
      while (!signal.aborted) {
        const dueMs = performance.now() + RTP_TURN_MS;
        for (const participant of participants) {
          const ssrc = participant.voiceSsrc ?? 1;
          for (
            let count = (RTP_PACKETS_PER_SECOND * RTP_TURN_MS) / 1000;
            count > 0 && performance.now() < dueMs;
            count--
          ) {
            const index = Math.floor(sent++ / participants.length);
            const packet = Buffer.alloc(RTP_BYTES);
            packet.set([0x80, 111]);
            packet.writeUInt16BE(index & 0xffff, 2);
            packet.writeUInt32BE((index * 960) >>> 0, 4);
            packet.writeUInt32BE(ssrc, 8);
            participant.sendRawRtp(packet, index >>> 16);
          }
        }
        await pause(Math.max(0, dueMs - performance.now()), signal);
      }
      const seconds = (performance.now() - startMs) / 1000;
      await Promise.all(participants.map((participant) => participant.vanish()));
      return `${Math.round(sent / seconds)} packets/s`;
    };
  },
};

/** Connected peers. */
export const PEER_ATTACKS: readonly Attack[] = [
  channelFlood('media-maps', '20 peers: data channel messages of 64 KB, type 9 with 9,500 entries', 20, () =>
    mapMessage(MEDIA_MAP, 9_500),
  ),
  channelFlood('sdp-maps', '20 peers: data channel messages of type 3 with a map', 20, () => mapMessage(SDP, 9_500)),
  channelFlood('sdp-bombs', '20 peers: descriptions that inflate to 200 KB', 20, largeDescription),
  RTP_FLOOD,
];
