import type { SrtpKeys, SrtpProfile } from '../index.ts';
import { DESCRIPTOR_WORDS, eachPacket, type PacketIo, type PacketIoOptions, type PathId } from '../index.ts';

/** Opens an implementation at an address of its own, from which it reaches all others that were opened. */
export type OpenEndpoint = (options: Pick<PacketIoOptions, 'onPackets' | 'maxSlots'>) => PacketIo | Promise<PacketIo>;

/** A packet that arrived, copied. Its path is held. */
export interface Arrival {
  readonly bytes: Uint8Array;
  readonly path: PathId;
}

/** One end of a contract test: an implementation, and what arrived at it. */
export class ContractEndpoint {
  readonly io: PacketIo;
  readonly #arrivals: Arrival[];
  readonly #wake: { waiting?: () => void };
  /** Paths that this end holds. */
  readonly #held: Set<PathId>;

  private constructor(io: PacketIo, arrivals: Arrival[], wake: { waiting?: () => void }, held: Set<PathId>) {
    this.io = io;
    this.#arrivals = arrivals;
    this.#wake = wake;
    this.#held = held;
  }

  /** Opens it. `onArrival` sees each packet in the memory that it arrived in. */
  static async open(
    open: OpenEndpoint,
    { maxSlots, onArrival }: { maxSlots?: number; onArrival?: PacketIoOptions['onPackets'] } = {},
  ): Promise<ContractEndpoint> {
    const arrivals: Arrival[] = [];
    const wake: { waiting?: () => void } = {};
    const held = new Set<PathId>();
    const keep = eachPacket((packet, path) => {
      if (!held.has(path) && io.holdPath(path) === path) held.add(path);
      arrivals.push({ bytes: Uint8Array.from(packet), path });
    });
    const io: PacketIo = await open({
      onPackets: (arena, descriptors, count) => {
        keep(arena, descriptors, count);
        onArrival?.(arena, descriptors, count);
        wake.waiting?.();
      },
      ...(maxSlots !== undefined && { maxSlots }),
    });
    return new ContractEndpoint(io, arrivals, wake, held);
  }

  /** The path from here to another end. */
  pathTo({ io }: ContractEndpoint): PathId {
    const { address, port } = io.localAddresses[0]!;
    const path = this.io.openPath({ local: 0, address, port });
    this.#held.add(path);
    return path;
  }

  /** Waits for `count` packets and takes them. */
  async take(count: number): Promise<Arrival[]> {
    while (this.#arrivals.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake.waiting = resolve;
      });
    }
    return this.#arrivals.splice(0, count);
  }

  /** Sends packets that are given whole: header and payload are next to each other in the arena. */
  sendRtp(slot: number, ...packets: readonly Uint8Array[]): void {
    const descriptors = new Uint32Array(packets.length * DESCRIPTOR_WORDS);
    let offset = 0;
    for (const [i, { length }] of packets.entries()) {
      descriptors.set([slot, 0, offset, 12, 0, offset + 12, length - 12], i * DESCRIPTOR_WORDS);
      offset += length;
    }
    this.io.send(Buffer.concat(packets), descriptors, packets.length);
  }
}

/** Keys that differ with their seed. */
export function contractKeys(profile: SrtpProfile, seed = 0): SrtpKeys {
  const masterKey = Uint8Array.from({ length: 16 }, (_, i) => seed + i);
  const masterSalt = Uint8Array.from({ length: profile === 'AEAD_AES_128_GCM' ? 12 : 14 }, (_, i) => seed + 0x80 + i);
  return { profile, masterKey, masterSalt };
}

/** An RTP packet of the fixed header and a payload that is filled with the sequence number. */
export function contractRtp(sequenceNumber: number, payloadLength = 40): Uint8Array {
  const packet = new Uint8Array(12 + payloadLength).fill(sequenceNumber, 12);
  packet.set([0x80, 111, sequenceNumber >>> 8, sequenceNumber, 0, 0, 0, 0, 1, 2, 3, 4]);
  return packet;
}

/** A receiver report without report blocks. */
export function contractRtcp(): Uint8Array {
  return Uint8Array.of(0x80, 201, 0, 1, 1, 2, 3, 4);
}
