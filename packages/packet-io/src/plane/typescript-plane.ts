import { PacketIoError } from '../errors.ts';
import type { PacketPaths, PathId } from '../packet-path.ts';
import {
  type DatagramSink,
  DESCRIPTOR_WORDS,
  type PacketPlane,
  type PacketPlaneStats,
  type PlaneParts,
  type SrtpReceiver,
  type SrtpReceiverLimits,
} from '../packet-plane.ts';
import { createTransform } from '../srtp/create-transform.ts';
import { MAX_PACKET_BYTES } from '../srtp/limits.ts';
import {
  MAX_SRTCP_INDEX,
  RTCP_HEADER_BYTES,
  rtpSequenceNumber,
  rtpSsrc,
  SEQUENCE_NUMBERS,
} from '../srtp/packet-format.ts';
import type { SrtpKeys } from '../srtp/profile.ts';
import { TypeScriptSrtpReceiver } from '../srtp/typescript-receiver.ts';
import { checkDescriptors } from './descriptors.ts';
import { holdPath } from './hold-path.ts';
import { OutgoingStreams } from './outgoing-stream.ts';
import { createPacketCounters } from './packet-counters.ts';
import { maxSsrcsOf } from './receiver-limits.ts';
import { SlotTable } from './slot-table.ts';

/** The packet plane in TypeScript: everything on the calling thread, a datagram at a time through one buffer. */
export class TypeScriptPlane implements PacketPlane {
  readonly #sink: DatagramSink;
  readonly #paths: PacketPaths;
  readonly #slots: SlotTable;
  readonly #counters = createPacketCounters();

  constructor({ sink, paths, maxSlots }: PlaneParts) {
    this.#sink = sink;
    this.#paths = paths;
    this.#slots = new SlotTable(maxSlots);
  }

  openSlot(path: PathId, keys: SrtpKeys): number {
    this.#slots.checkRoom();
    const transform = createTransform(keys);
    return this.#slots.open({
      transform,
      ...holdPath(this.#paths, path),
      streams: new OutgoingStreams(),
      rtcpIndex: 0,
    });
  }

  moveSlot(slot: number, path: PathId): void {
    const destination = this.#slots.get(slot);
    if (destination === undefined) throw new PacketIoError('unknown_slot', `slot ${slot} is not open`);
    const before = destination.pathId;
    Object.assign(destination, holdPath(this.#paths, path));
    this.#paths.releasePath(before);
  }

  closeSlot(slot: number): void {
    const destination = this.#slots.get(slot);
    if (destination === undefined) return;
    this.#slots.close(slot);
    this.#paths.releasePath(destination.pathId);
  }

  send(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    checkDescriptors(arena, descriptors, count);
    for (let at = 0, end = count * DESCRIPTOR_WORDS; at < end; at += DESCRIPTOR_WORDS) {
      this.#sendRtp(
        arena,
        descriptors[at]!,
        descriptors[at + 1]!,
        descriptors[at + 2]!,
        descriptors[at + 3]!,
        descriptors[at + 4]!,
        descriptors[at + 5]!,
        descriptors[at + 6]!,
      );
    }
  }

  #sendRtp(
    arena: Uint8Array,
    slot: number,
    rolloverCounter: number,
    headerOffset: number,
    headerLength: number,
    prefixLength: number,
    payloadOffset: number,
    payloadLength: number,
  ): void {
    const destination = this.#slots.get(slot);
    if (destination === undefined) {
      this.#counters.slotClosedDrops++;
      return;
    }
    const { transform, path, streams } = destination;
    if (path.hasEnded) {
      this.#counters.pathEndedDrops++;
      return;
    }
    if (headerLength + prefixLength + payloadLength + transform.rtpOverhead > MAX_PACKET_BYTES) {
      this.#counters.unsendableDrops++;
      return;
    }
    const index = rolloverCounter * SEQUENCE_NUMBERS + rtpSequenceNumber(arena, headerOffset);
    if (!streams.of(rtpSsrc(arena, headerOffset)).advance(index)) {
      this.#counters.reusedIndexDrops++;
      return;
    }
    const length = transform.protectRtp(
      arena,
      headerOffset,
      headerLength,
      prefixLength,
      payloadOffset,
      payloadLength,
      rolloverCounter,
      this.#sink.buffer,
    );
    this.#counters.rtpSent++;
    this.#counters.rtpSentBytes += length;
    this.#sink.send(length, path);
  }

  sendRtcp(slot: number, compound: Uint8Array): void {
    const destination = this.#slots.get(slot);
    if (destination === undefined) {
      this.#counters.slotClosedDrops++;
      return;
    }
    const { transform, path, rtcpIndex } = destination;
    if (path.hasEnded) {
      this.#counters.pathEndedDrops++;
      return;
    }
    if (compound.length < RTCP_HEADER_BYTES || compound.length + transform.rtcpOverhead > MAX_PACKET_BYTES) {
      this.#counters.unsendableDrops++;
      return;
    }
    if (rtcpIndex > MAX_SRTCP_INDEX) {
      this.#counters.keyExhaustedDrops++;
      return;
    }
    destination.rtcpIndex++;
    const length = transform.protectRtcp(compound, rtcpIndex, this.#sink.buffer);
    this.#counters.rtcpSent++;
    this.#counters.rtcpSentBytes += length;
    this.#sink.send(length, path);
  }

  createReceiver(keys: SrtpKeys, limits: SrtpReceiverLimits = {}): SrtpReceiver {
    const maxSsrcs = maxSsrcsOf(limits);
    return new TypeScriptSrtpReceiver(createTransform(keys), maxSsrcs, this.#counters);
  }

  stats(): PacketPlaneStats {
    return { slots: this.#slots.size, ...this.#counters };
  }
}
