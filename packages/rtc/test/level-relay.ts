import type { PublishedLevel, SourcePacket } from '../src/call/published-track.ts';
import type { Layers } from '../src/codecs/layers.ts';
import { PacketReader } from '../src/codecs/packet-reader.ts';
import { emptyPayloadDescriptor, type PayloadDescriptor } from '../src/codecs/payload-descriptor.ts';
import { LayerSwitch } from '../src/media/send/layer-switch.ts';
import { SenderClock, SourceClock } from '../src/rtcp/sender-clock.ts';
import { markerOf, sequenceNumberOf, timestampOf, writeRtpHeader } from '../src/rtp/header.ts';
import { findHeaderExtension, HeaderExtensionWriter, headerExtensionLength } from '../src/rtp/header-extensions.ts';
import { PacketHistory } from '../src/rtp/packet-history.ts';
import { PayloadNumbering } from '../src/rtp/payload-numbering.ts';
import { packetIndex, SequenceUnwrapper } from '../src/rtp/sequence.ts';
import { SequenceRewriter } from '../src/rtp/sequence-rewriter.ts';
import type { CapturedPacket, VideoCapture } from './video-capture.ts';

/** A packet as one receiver is sent it. */
export interface RelayedPacket {
  readonly index: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
  readonly spatialId: number;
  /** Dependency descriptor; undefined if the packet has none. */
  readonly dependencies: Buffer | undefined;
  readonly source: CapturedPacket;
}

interface Source {
  readonly level: PublishedLevel;
  readonly reader: PacketReader;
  readonly unwrapper: SequenceUnwrapper;
  readonly numbering: PayloadNumbering;
  readonly seen: Set<number>;
  readonly clock: SourceClock;
}

const DESCRIPTOR_ID = 13;

/** Relays the sources of a capture to one receiver, the smallest encoding first. */
export class LevelRelay {
  readonly ssrcs: readonly number[];
  readonly sent: RelayedPacket[] = [];
  readonly #sources: ReadonlyMap<number, Source>;
  readonly #rewriter = new SequenceRewriter({ sequenceNumber: 32_700, timestamp: 2 ** 32 - 50_000, clockRate: 90_000 });
  readonly #switch = new LayerSwitch(this.#rewriter);
  readonly #history = new PacketHistory(1);
  readonly #out = Buffer.alloc(256);

  constructor(capture: VideoCapture) {
    const first = new Map(capture.packets.map((packet) => [packet.ssrc, packet]));
    this.ssrcs = [...first.keys()];
    this.#sources = new Map(
      this.ssrcs.map((ssrc) => {
        const level: PublishedLevel = {
          rid: String(ssrc),
          lastPacketMs: 0,
          rates: () => [],
          requestKeyframe: () => {},
          cancelKeyframeRequest() {},
        };
        const clock = new SourceClock(new SenderClock(), 90_000);
        const reader = new PacketReader(first.get(ssrc)!.mimeType, capture.descriptorId);
        const source = { level, reader, unwrapper: new SequenceUnwrapper(), numbering: new PayloadNumbering() };
        return [ssrc, { ...source, seen: new Set<number>(), clock }];
      }),
    );
  }

  /** SSRC of the encoding that flows. */
  get flowing(): number | undefined {
    const rid = this.#switch.level?.rid;
    return rid === undefined ? undefined : Number(rid);
  }

  want(ssrc: number, layers: Layers): void {
    this.#switch.want(this.#sources.get(ssrc)?.level, layers);
  }

  receive(captured: CapturedPacket): void {
    const source = this.#sources.get(captured.ssrc)!;
    const index = source.unwrapper.unwrap(sequenceNumberOf(captured.packet));
    if (source.seen.has(index)) return;
    source.seen.add(index);
    const payload = emptyPayloadDescriptor();
    const { packet: bytes, start: from, end: to } = captured;
    if (to <= from || !source.reader.read(bytes, from, to, payload)) return source.numbering.skip(index);
    const video = { level: source.level, history: this.#history, payload };
    const packet: SourcePacket = {
      marker: markerOf(captured.packet),
      number: source.numbering.number(index),
      timestamp: timestampOf(captured.packet),
      audioLevel: -1,
      payloadType: 96,
      redundantBytes: 0,
      payloadLength: captured.end - captured.start,
      arrivedMs: captured.arrivedMs,
      clock: source.clock,
      video,
    };
    if (this.#switch.place(packet, video) !== 'placed') return;
    const end = this.#switch.writePrefix(this.#out, 0, captured.packet, captured.start, payload);
    const rest = captured.packet.subarray(captured.start + payload.length, captured.end);
    this.sent.push({
      index: packetIndex(this.#rewriter.rolloverCounter, this.#rewriter.sequenceNumber),
      timestamp: this.#rewriter.timestamp,
      marker: this.#switch.marker,
      payload: Buffer.concat([this.#out.subarray(0, end), rest]),
      spatialId: payload.spatialId,
      dependencies: this.#writeDependencies(payload),
      source: captured,
    });
  }

  #writeDependencies(payload: PayloadDescriptor): Buffer | undefined {
    const header = Buffer.alloc(256);
    writeRtpHeader(header, 0, { marker: false, payloadType: 96, sequenceNumber: 0, timestamp: 0, ssrc: 0 });
    const extensions = new HeaderExtensionWriter();
    extensions.begin(header, 0);
    this.#switch.writeDependencyDescriptor(extensions, DESCRIPTOR_ID, payload);
    extensions.end();
    const at = findHeaderExtension(header, DESCRIPTOR_ID);
    return at < 0 ? undefined : header.subarray(at, at + headerExtensionLength(header, at));
  }
}
