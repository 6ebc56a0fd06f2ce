import { PacketIoError } from '../errors.ts';
import type { KnownPath, PathId } from '../packet-path.ts';
import type { SrtpTransform } from '../srtp/transform.ts';
import { MAX_NUMBERED, NumberedTable } from './numbered-table.ts';
import type { OutgoingStreams } from './outgoing-stream.ts';

/** Destinations open at a time, by default: far above what one machine can feed. */
export const DEFAULT_MAX_SLOTS = 0x10000;

/** One destination. */
export interface Slot {
  readonly transform: SrtpTransform;
  /** The slot holds it. */
  pathId: PathId;
  /** The path of `pathId`: with hundreds of receivers, a look-up per packet would be felt. */
  path: KnownPath;
  readonly streams: OutgoingStreams;
  /** Index of the next SRTCP packet: counts from 0 per key (RFC 3711 section 3.4). */
  rtcpIndex: number;
}

/** Open slots by number, up to a bound. */
export class SlotTable {
  readonly #maxSlots: number;
  readonly #slots = new NumberedTable<Slot>();

  constructor(maxSlots: number) {
    this.#maxSlots = Math.min(maxSlots, MAX_NUMBERED);
  }

  get size(): number {
    return this.#slots.size;
  }

  /** Throws `PacketIoError` `too_many_slots` if another one would be too many. */
  checkRoom(): void {
    if (this.#slots.size < this.#maxSlots) return;
    throw new PacketIoError('too_many_slots', `all ${this.#maxSlots} slots are in use: close some, or raise maxSlots`);
  }

  open(slot: Slot): number {
    return this.#slots.add(slot);
  }

  /** Undefined if the slot is closed, or never was. */
  get(id: number): Slot | undefined {
    return this.#slots.get(id);
  }

  close(id: number): void {
    this.#slots.delete(id);
  }
}
