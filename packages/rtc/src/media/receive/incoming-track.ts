import type { TrackType } from '@rtcd/protocol';
import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { PacketReceiver, PublishedTrack, SourcePacket } from '../../call/published-track.ts';
import type { DropCounts } from '../../inspect/drops.ts';
import { HeaderExtensionWriter } from '../../rtp/header-extensions.ts';
import type { FanOut } from '../send/fan-out.ts';

export interface IncomingTrackOptions {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly fanOut: FanOut;
  readonly drops: DropCounts;
  /** The byte of RFC 6464 of each packet that has one. */
  onAudioLevel(level: number, nowMs: number): void;
  /** What the times of a packet's fan-out are taken from, in milliseconds. */
  stopwatchMs(): number;
  /** How long one packet took to all of its receivers. */
  onWritten(seconds: number): void;
}

/** A track as the rest of the call knows it, and where a packet of whatever stream feeds it goes from here. */
export class IncomingTrack implements PublishedTrack {
  readonly id: string;
  readonly type: TrackType;
  readonly senderID: string;
  readonly kind: 'audio' | 'video';
  readonly mimeType: string;
  readonly clockRate: number;
  readonly parameters: string;
  readonly #options: IncomingTrackOptions;
  readonly #receivers: PacketReceiver[] = [];
  readonly #extensions = new HeaderExtensionWriter();
  #muted = false;

  constructor(options: IncomingTrackOptions, { kind, codec }: Pick<ReceivedTrack, 'kind' | 'codec'>) {
    this.id = options.id;
    this.type = options.type;
    this.senderID = options.senderID;
    this.kind = kind;
    this.mimeType = codec.mimeType;
    this.clockRate = codec.clockRate;
    this.parameters = codec.parameters;
    this.#options = options;
  }

  attach(receiver: PacketReceiver): void {
    this.#receivers.push(receiver);
  }

  detach(receiver: PacketReceiver): void {
    const index = this.#receivers.indexOf(receiver);
    if (index >= 0) this.#receivers.splice(index, 1);
  }

  /** While muted nothing is forwarded; afterwards it goes on as if there had been no pause. */
  setMuted(muted: boolean): void {
    if (this.#muted && !muted) this.sourceSwitched();
    this.#muted = muted;
  }

  /** The numbers of the packets to come have nothing to do with those that were forwarded. */
  sourceSwitched(): void {
    for (const receiver of this.#receivers) receiver.resume();
  }

  /** A packet of the stream: per receiver, rewrite the header; then protect and send, which packet-io does for all of them together. */
  forward(packet: Buffer, headerLength: number, source: SourcePacket): void {
    const { fanOut, drops, stopwatchMs, onAudioLevel, onWritten } = this.#options;
    if (this.#muted) {
      drops.rtp_muted++;
      return;
    }
    if (source.audioLevel >= 0) onAudioLevel(source.audioLevel, source.arrivedMs);
    if (this.#receivers.length === 0) return;
    const startedMs = stopwatchMs();
    if (!fanOut.begin(packet, headerLength, source.payloadLength)) {
      drops.send_too_large++;
      return;
    }
    for (const receiver of this.#receivers) {
      const offset = fanOut.headerOffset;
      const end = receiver.writeHeader(fanOut.arena, offset, source, this.#extensions);
      if (end > offset) fanOut.push(receiver.slot, receiver.rolloverCounter, end - offset);
      else drops.rtp_late++;
    }
    fanOut.flush();
    onWritten((stopwatchMs() - startedMs) / 1000);
  }
}
