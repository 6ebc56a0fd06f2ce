import { PacketIoError } from '../errors.ts';
import type { KnownPath, PacketPaths, PathId } from '../packet-path.ts';
import {
  type DatagramSink,
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type PacketPlaneStats,
  type PlaneParts,
  type PlaneSockets,
  type SrtpReceiver,
  type SrtpReceiverLimits,
} from '../packet-plane.ts';
import { checkDescriptors } from '../plane/descriptors.ts';
import { holdPath } from '../plane/hold-path.ts';
import { maxSsrcsOf } from '../plane/receiver-limits.ts';
import { checkSrtpKeys, type SrtpKeys } from '../srtp/profile.ts';
import { type AddonPlane, DATAGRAM_COUNTERS, type NativeAddon, PLANE_COUNTERS } from './native-addon.ts';
import { NativeSrtpReceiver } from './native-receiver.ts';

/** Stands for a path that does not begin at one of the plane's sockets. */
const CARRIER = -1;

/** Delay before datagrams that the kernel had no room for are offered again. */
const RETRY_DELAY_MS = 1;

interface NativeSlot {
  /** The slot holds it. */
  readonly pathId: PathId;
  readonly path: KnownPath;
  /** Number of the native socket, or CARRIER. */
  readonly socket: number;
}

/**
 * The packet plane in native code. Packets for the plane's own sockets wait until the end of the turn of the event loop, and then leave with
 * one system call for many. Those for TCP connections and relays are only protected there, and leave through the sink.
 */
export class NativePlane implements PacketPlane {
  readonly #plane: AddonPlane;
  readonly #sink: DatagramSink;
  readonly #paths: PacketPaths;
  readonly #maxSlots: number;
  /** Numbers of the native sockets by `Path.local`. */
  readonly #sockets = new Map<number, number>();
  readonly #slots = new Map<number, NativeSlot>();
  readonly #flush = () => this.#flushQueue();
  #willFlush = false;
  #isClosed = false;
  #pathEndedDrops = 0;

  readonly sockets: PlaneSockets = {
    add: (local, descriptor) => void this.#sockets.set(local, this.#plane.addSocket(descriptor)),
    totals: () => named(DATAGRAM_COUNTERS, this.#plane.counters().slice(PLANE_COUNTERS.length)),
    close: () => {
      this.#isClosed = true;
      this.#plane.close();
    },
  };

  constructor(addon: NativeAddon, { sink, paths, maxSlots }: PlaneParts) {
    this.#plane = new addon.NativePlane();
    this.#sink = sink;
    this.#paths = paths;
    this.#maxSlots = maxSlots;
  }

  openSlot(path: PathId, keys: SrtpKeys): number {
    if (this.#slots.size >= this.#maxSlots) throw this.#tooManySlots();
    checkSrtpKeys(keys);
    const slot = this.#hold(path);
    const { profile, masterKey, masterSalt } = keys;
    const [socket, address, port] = routeOf(slot);
    const id = this.#plane.openSlot(profile === 'AEAD_AES_128_GCM', masterKey, masterSalt, socket, address, port);
    if (id < 0) {
      this.#paths.releasePath(slot.pathId);
      throw this.#tooManySlots();
    }
    this.#slots.set(id, slot);
    return id;
  }

  moveSlot(slot: number, path: PathId): void {
    const before = this.#slots.get(slot);
    if (before === undefined) throw new PacketIoError('unknown_slot', `slot ${slot} is not open`);
    const after = this.#hold(path);
    this.#plane.moveSlot(slot, ...routeOf(after));
    this.#slots.set(slot, after);
    this.#paths.releasePath(before.pathId);
  }

  closeSlot(slot: number): void {
    const destination = this.#slots.get(slot);
    if (destination === undefined) return;
    this.#slots.delete(slot);
    this.#plane.closeSlot(slot);
    this.#paths.releasePath(destination.pathId);
  }

  send(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    const skipped = this.#plane.send(arena, descriptors, count);
    if (skipped < 0) checkDescriptors(arena, descriptors, count);
    if (skipped > 0) this.#sendCarried(arena, descriptors, count);
    if (skipped < count) this.#flushSoon();
  }

  sendRtcp(slot: number, compound: Uint8Array): void {
    const destination = this.#slots.get(slot);
    if (destination?.path.hasEnded) {
      this.#pathEndedDrops++;
      return;
    }
    const length = this.#plane.sendRtcp(slot, compound);
    if (length > 0 && destination !== undefined) this.#passOn(length, destination.path);
    else this.#flushSoon();
  }

  createReceiver(keys: SrtpKeys, limits: SrtpReceiverLimits = {}): SrtpReceiver {
    const maxSsrcs = maxSsrcsOf(limits);
    checkSrtpKeys(keys);
    const { profile, masterKey, masterSalt } = keys;
    const isGcm = profile === 'AEAD_AES_128_GCM';
    return new NativeSrtpReceiver(this.#plane.createReceiver(isGcm, masterKey, masterSalt, maxSsrcs));
  }

  stats(): PacketPlaneStats {
    const totals = named(PLANE_COUNTERS, this.#plane.counters());
    return { slots: this.#slots.size, pathEndedDrops: this.#pathEndedDrops, ...totals };
  }

  #hold(id: PathId): NativeSlot {
    const held = holdPath(this.#paths, id);
    const { local, address } = held.path;
    // The native code knows no scopes of IPv6 addresses. Node does.
    const socket = address.includes('%') ? undefined : this.#sockets.get(local);
    return { ...held, socket: socket ?? CARRIER };
  }

  #tooManySlots(): PacketIoError {
    return new PacketIoError('too_many_slots', `all ${this.#maxSlots} slots are in use: close some, or raise maxSlots`);
  }

  #sendCarried(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    for (let at = 0, end = count * DESCRIPTOR_WORDS; at < end; at += DESCRIPTOR_WORDS) {
      const slot = this.#slots.get(descriptors[at]!);
      if (slot === undefined || slot.socket !== CARRIER) continue;
      if (slot.path.hasEnded) {
        this.#pathEndedDrops++;
        continue;
      }
      const length = this.#plane.protectRtp(arena, descriptors.subarray(at, at + DESCRIPTOR_WORDS));
      if (length > 0) this.#passOn(length, slot.path);
    }
  }

  #passOn(length: number, path: KnownPath): void {
    this.#plane.takeProtected(this.#sink.buffer);
    this.#sink.send(length, path);
  }

  #flushSoon(): void {
    if (this.#willFlush || this.#isClosed) return;
    this.#willFlush = true;
    setImmediate(this.#flush);
  }

  #flushQueue(): void {
    this.#willFlush = false;
    if (this.#plane.flush() === 0 || this.#isClosed) return;
    this.#willFlush = true;
    setTimeout(this.#flush, RETRY_DELAY_MS);
  }
}

function routeOf({ path: { address, port }, socket }: NativeSlot): [number, string, number] {
  return socket === CARRIER ? [CARRIER, '', 0] : [socket, address, port];
}

function named<Name extends string>(names: readonly Name[], counts: readonly number[]): Record<Name, number> {
  return Object.fromEntries(names.map((name, i) => [name, counts[i]])) as Record<Name, number>;
}
