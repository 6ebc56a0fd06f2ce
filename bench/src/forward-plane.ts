import { randomBytes } from 'node:crypto';
import {
  createPacketPlane,
  DESCRIPTOR_WORDS,
  MAX_PACKET_BYTES,
  nativePlaneSupport,
  openPacketIo,
  type PacketIo,
  type SrtpKeys,
  type SrtpProfile,
} from '@rtcd/packet-io';
import { cpuMicroseconds, median, tickEnd, turnEnd } from './cpu-time.ts';
import { type NaiveSend, openNaiveForwarder } from './naive-forwarder.ts';
import type { BenchRow } from './row.ts';
import { openUdpSinks, type UdpSinks } from './udp-sinks.ts';

/** With one extension. */
const HEADER_BYTES = 20;
/** 20 ms of Opus at 64 kbit/s, and a full packet of video. */
const PAYLOADS = [
  { kind: 'audio', payloadBytes: 160 },
  { kind: 'video', payloadBytes: 1_060 },
] as const;
/** Packets in one sample: few enough for the sinks' receive buffers, so that all are really delivered. */
const SAMPLE_PACKETS = 2000;
const SAMPLES = 41;
const SINKS = 32;
const PROFILES: readonly SrtpProfile[] = ['AEAD_AES_128_GCM', 'AES_CM_128_HMAC_SHA1_80'];
const AUDIENCES = [100, 500];

/** CPU per outgoing packet of forwarding one sender's audio to many: unprotect once, then a header, SRTP and UDP for each. */
export async function forwardPlane(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const profile of PROFILES) {
    for (const payload of PAYLOADS) {
      for (const receivers of AUDIENCES) rows.push(...(await measure(profile, receivers, payload)));
    }
  }
  return rows;
}

async function measure(
  profile: SrtpProfile,
  receivers: number,
  { kind, payloadBytes }: (typeof PAYLOADS)[number],
): Promise<BenchRow[]> {
  const sinks = await openUdpSinks(SINKS);
  const planes: Array<{ io: PacketIo; forward: () => void; end: () => Promise<void>; samples: number[] }> = [];
  for (const plane of nativePlaneSupport().isAvailable
    ? (['typescript', 'native'] as const)
    : ['typescript' as const]) {
    const io = await openPacketIo({ addresses: [{ address: '127.0.0.1', port: 0 }], onPackets: () => {}, plane });
    const forward = planeForwarder(io, { profile, receivers, payloadBytes }, sinks);
    planes.push({ io, forward, end: plane === 'native' ? turnEnd : tickEnd, samples: [] });
  }
  const naive = await openNaiveForwarder(profile);
  const forwardNaively = naiveForwarder(naive.send, { receivers, payloadBytes }, sinks);
  const naiveSamples: number[] = [];
  const rounds = SAMPLE_PACKETS / receivers;
  for (let sample = 0; sample < SAMPLES; sample++) {
    for (const { forward, end, samples } of planes) {
      samples.push((await cpuMicroseconds(() => repeat(rounds, forward), end)) / SAMPLE_PACKETS);
      await sinks.drain();
    }
    naiveSamples.push((await cpuMicroseconds(() => repeat(rounds, forwardNaively))) / SAMPLE_PACKETS);
    await sinks.drain();
  }
  naive.close();
  sinks.close();
  for (const { io } of planes) {
    const { sendErrors, rtpSent, datagramsSent } = io.stats();
    if (sendErrors > 0 || rtpSent !== SAMPLES * SAMPLE_PACKETS || datagramsSent !== rtpSent) {
      throw new Error('packets were lost while sending');
    }
    await io.close();
  }

  const name = `forward ${kind} 1 x ${receivers}, ${profile}`;
  const [value = 0, native] = planes.map(({ samples }) => median(samples));
  const baseline = median(naiveSamples);
  return [
    { name, value, unit: 'µs CPU/packet', ...(kind === 'audio' && { aim: '8 or less' }) },
    ...(native === undefined ? [] : [{ name: `${name}, native plane`, value: native, unit: 'µs CPU/packet' }]),
    { name: `${name}, naive Node`, value: baseline, unit: 'µs CPU/packet' },
    { name: `${name}, naive / plane`, value: baseline / value, unit: 'times' },
  ];
}

/** One incoming packet to all receivers, by a new one of a stream protected beforehand at each call. */
function planeForwarder(
  io: PacketIo,
  { profile, receivers, payloadBytes }: { profile: SrtpProfile; receivers: number; payloadBytes: number },
  sinks: UdpSinks,
): () => void {
  const paths = sinks.ports.map((port) => io.openPath({ local: 0, address: '127.0.0.1', port }));
  const ids = Array.from({ length: receivers }, (_, i) => io.openSlot(paths[i % paths.length]!, randomKeys(profile)));
  const publisherKeys = randomKeys(profile);
  const receiver = io.createReceiver(publisherKeys);
  const incoming = protectedStream(publisherKeys, (SAMPLES * SAMPLE_PACKETS) / receivers, payloadBytes);

  const arena = new Uint8Array(MAX_PACKET_BYTES + receivers * HEADER_BYTES);
  const descriptors = new Uint32Array(receivers * DESCRIPTOR_WORDS);
  let next = 0;
  return () => {
    const datagram = incoming[next++]!;
    const length = receiver.unprotectRtp(datagram);
    if (length < 0) throw new Error('the bench protects its packets wrongly');
    arena.set(datagram.subarray(0, length));
    for (let i = 0; i < receivers; i++) {
      const headerOffset = MAX_PACKET_BYTES + i * HEADER_BYTES;
      for (let byte = 0; byte < HEADER_BYTES; byte++) arena[headerOffset + byte] = arena[byte]!;
      arena[headerOffset + 11] = i;
      const at = i * DESCRIPTOR_WORDS;
      descriptors[at] = ids[i]!;
      descriptors[at + 1] = 0;
      descriptors[at + 2] = headerOffset;
      descriptors[at + 3] = HEADER_BYTES;
      descriptors[at + 4] = 0;
      descriptors[at + 5] = HEADER_BYTES;
      descriptors[at + 6] = length - HEADER_BYTES;
    }
    io.send(arena, descriptors, receivers);
  };
}

function naiveForwarder(
  send: NaiveSend,
  { receivers, payloadBytes }: { receivers: number; payloadBytes: number },
  sinks: UdpSinks,
): () => void {
  const payload = randomBytes(payloadBytes);
  let sequenceNumber = 0;
  return () => {
    sequenceNumber++;
    for (let i = 0; i < receivers; i++) {
      const header = rtpHeader(sequenceNumber);
      header[11] = i;
      send(header, payload, sinks.ports[i % sinks.ports.length]!);
    }
  };
}

function protectedStream(keys: SrtpKeys, count: number, payloadBytes: number): Uint8Array[] {
  const packets: Uint8Array[] = [];
  const plane = createPacketPlane({ transmit: (datagram) => packets.push(datagram.slice()) });
  const slot = plane.openSlot(plane.openPath({ local: 0, address: '127.0.0.1', port: 9 }), keys);
  const descriptor = Uint32Array.of(slot, 0, 0, HEADER_BYTES, 0, HEADER_BYTES, payloadBytes);
  for (let sequenceNumber = 1; sequenceNumber <= count; sequenceNumber++) {
    plane.send(Buffer.concat([rtpHeader(sequenceNumber), randomBytes(payloadBytes)]), descriptor, 1);
  }
  return packets;
}

function rtpHeader(sequenceNumber: number): Uint8Array {
  const header = new Uint8Array(HEADER_BYTES);
  header.set([0x90, 111, sequenceNumber >>> 8, sequenceNumber]);
  header.set([0xbe, 0xde, 0, 1], 12);
  return header;
}

function randomKeys(profile: SrtpProfile): SrtpKeys {
  return { profile, masterKey: randomBytes(16), masterSalt: randomBytes(profile === 'AEAD_AES_128_GCM' ? 12 : 14) };
}

function repeat(times: number, work: () => void): void {
  for (let i = 0; i < times; i++) work();
}
