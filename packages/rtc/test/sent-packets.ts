import { hash } from 'node:crypto';
import {
  type CreatePlane,
  createTypeScriptPlane,
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type SrtpKeys,
} from '@rtcd/packet-io';
import { sequenceNumberOf, ssrcOf } from '../src/rtp/header.ts';

/**
 * Every packet that the SFU protects, by key, SSRC, and index (rollover counter and sequence number). Two packets of one name that differ would be
 * encrypted with the same keystream (RFC 3711 section 9.1), and under AES-GCM give away the key of its tags (RFC 7714 section 8.1).
 */
export class SentPackets {
  count = 0;
  /** Sent once more, with the same bytes. */
  repeated = 0;
  /** Sent after the first wrap of their sequence numbers. */
  rollovers = 0;
  /** Names under which two packets were sent. */
  readonly reused: string[] = [];
  /** Digests of plain packets by names. */
  readonly #digests = new Map<string, string>();

  readonly #onPacket: (plain: Buffer) => void;

  constructor(onPacket: (plain: Buffer) => void = () => {}) {
    this.#onPacket = onPacket;
  }

  /** Makes the SFU's plane. */
  readonly createPlane: CreatePlane = (parts) => {
    const plane = createTypeScriptPlane(parts);
    const keys = new Map<number, string>();
    return {
      ...delegating(plane),
      openSlot: (path, srtpKeys) => {
        const slot = plane.openSlot(path, srtpKeys);
        keys.set(slot, nameOf(srtpKeys));
        return slot;
      },
      send: (arena, descriptors, count) => {
        for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
          const [slot, rolloverCounter, header, headerLength, prefixLength, payload, payloadLength] =
            descriptors.subarray(at, at + DESCRIPTOR_WORDS) as unknown as Descriptor;
          const start = arena.subarray(header, header + headerLength + prefixLength);
          const plain = Buffer.concat([start, arena.subarray(payload, payload + payloadLength)]);
          const key = keys.get(slot);
          this.#onPacket(plain);
          if (key !== undefined) this.#record(key, rolloverCounter, plain);
        }
        plane.send(arena, descriptors, count);
      },
    };
  };

  #record(key: string, rolloverCounter: number, plain: Buffer): void {
    const name = `${key} ${ssrcOf(plain)} ${rolloverCounter} ${sequenceNumberOf(plain)}`;
    const digest = hash('sha1', plain, 'base64');
    const before = this.#digests.get(name);
    this.count++;
    if (rolloverCounter > 0) this.rollovers++;
    if (before === digest) this.repeated++;
    else if (before !== undefined) this.reused.push(name);
    this.#digests.set(name, digest);
  }
}

type Descriptor = [number, number, number, number, number, number, number];

const nameOf = ({ masterKey, masterSalt }: SrtpKeys): string =>
  Buffer.concat([masterKey, masterSalt]).toString('base64');

const delegating = (plane: PacketPlane): PacketPlane => ({
  openSlot: (path, keys) => plane.openSlot(path, keys),
  moveSlot: (slot, path) => plane.moveSlot(slot, path),
  closeSlot: (slot) => plane.closeSlot(slot),
  send: (arena, descriptors, count) => plane.send(arena, descriptors, count),
  sendRtcp: (slot, compound) => plane.sendRtcp(slot, compound),
  createReceiver: (keys, limits) => plane.createReceiver(keys, limits),
  stats: () => plane.stats(),
});
