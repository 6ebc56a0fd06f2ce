import { PacketIoError } from '../errors.ts';
import type { Path } from '../packet-plane.ts';
import type { SrtpTransform } from '../srtp/transform.ts';

/** Destinations open at a time, if nothing else is said: far above what one machine can feed. */
export const DEFAULT_MAX_SLOTS = 0x10000;

/** A slot's number is its place in the table, and above that how often the place was used before. */
const PLACE_BITS = 20;
const PLACE_MASK = (1 << PLACE_BITS) - 1;
/** 30 bits in all, which V8 keeps as a small integer. */
const GENERATION_MASK = 0x3ff;

/** One destination. */
export interface Slot {
  readonly id: number;
  readonly transform: SrtpTransform;
  path: Path;
  /** Of the next SRTCP packet: counts from 0 per key (RFC 3711 section 3.4). */
  rtcpIndex: number;
}

/**
 * Slots by number. A place is used again after closing, under another number, so that whoever still holds the old number reaches
 * nobody rather than a stranger.
 */
export class SlotTable {
  readonly #maxSlots: number;
  readonly #slots: (Slot | undefined)[] = [];
  readonly #generations: number[] = [];
  readonly #freePlaces: number[] = [];
  #size = 0;

  constructor(maxSlots: number) {
    this.#maxSlots = Math.min(maxSlots, PLACE_MASK + 1);
  }

  get size(): number {
    return this.#size;
  }

  /** Throws `PacketIoError` 'too_many_slots'. */
  open(path: Path, createTransform: () => SrtpTransform): number {
    if (this.#size >= this.#maxSlots) {
      throw new PacketIoError(
        'too_many_slots',
        `all ${this.#maxSlots} slots are in use: close some, or raise maxSlots`,
      );
    }
    const transform = createTransform();
    const place = this.#freePlaces.pop() ?? this.#slots.length;
    const id = ((this.#generations[place] ?? 0) << PLACE_BITS) | place;
    this.#slots[place] = { id, transform, path, rtcpIndex: 0 };
    this.#size++;
    return id;
  }

  /** Undefined if the slot is closed, or never was. */
  get(id: number): Slot | undefined {
    const slot = this.#slots[id & PLACE_MASK];
    return slot !== undefined && slot.id === id ? slot : undefined;
  }

  close(id: number): void {
    if (this.get(id) === undefined) return;
    const place = id & PLACE_MASK;
    this.#slots[place] = undefined;
    this.#generations[place] = ((this.#generations[place] ?? 0) + 1) & GENERATION_MASK;
    this.#freePlaces.push(place);
    this.#size--;
  }
}
