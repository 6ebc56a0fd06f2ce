import type { ReceivedTrack } from '../../call/negotiated-media.ts';
import type { SourcePacket } from '../../call/published-track.ts';
import type { SenderClock } from '../../rtcp/sender-clock.ts';
import { markerOf, paddingLengthOf, payloadTypeOf, sequenceNumberOf, ssrcOf, timestampOf } from '../../rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../rtp/header-extensions.ts';
import { primaryOffset } from '../../rtp/red.ts';
import { packetIndex } from '../../rtp/sequence.ts';
import { audioLevelId } from '../../sdp/capabilities.ts';
import { RtpSource } from './rtp-source.ts';
import type { StreamOwner } from './stream-owner.ts';

/** Reads the RTP of a section of audio: one source at a time, a new one when the sender restarts its stream. */
export class AudioReceiver {
  readonly #owner: StreamOwner;
  readonly #senderClock: SenderClock;
  #audioLevelId: number;
  #source: RtpSource | undefined;

  constructor(owner: StreamOwner, senderClock: SenderClock) {
    this.#owner = owner;
    this.#senderClock = senderClock;
    this.#audioLevelId = audioLevelId(owner.received.extensions);
  }

  get sources(): readonly RtpSource[] {
    return this.#source ? [this.#source] : [];
  }

  adopt({ extensions }: ReceivedTrack): void {
    this.#audioLevelId = audioLevelId(extensions);
  }

  restart(): void {
    this.#source = undefined;
  }

  receive(packet: Buffer, headerLength: number, rolloverCounter: number, nowMs: number): void {
    const { drops, codec } = this.#owner;
    const source = this.#sourceOf(ssrcOf(packet));
    const sequenceNumber = sequenceNumberOf(packet);
    source.statistics.receive(sequenceNumber, timestampOf(packet), nowMs);
    const index = packetIndex(rolloverCounter, sequenceNumber);
    const payloadLength = packet.length - headerLength - paddingLengthOf(packet);
    const payloadType = payloadTypeOf(packet);
    const isRed = payloadType === codec.red?.payloadType;
    if (!isRed && payloadType !== codec.payloadType) {
      source.numbering.skip(index);
      return this.#owner.dropMalformed('rtp_wrong_payload_type');
    }
    if (payloadLength === 0) return source.numbering.skip(index);
    const redundantBytes = isRed
      ? primaryOffset(packet, headerLength, headerLength + payloadLength, codec.payloadType)
      : 0;
    if (redundantBytes < 0) {
      source.numbering.skip(index);
      return this.#owner.dropMalformed('rtp_malformed');
    }
    this.#owner.started(nowMs);
    const { track } = this.#owner;
    if (!track) {
      drops.rtp_unused_stream++;
      return;
    }
    const number = source.numbering.number(index);
    if (number < 0) {
      drops.rtp_late++;
      return;
    }
    this.#read(packet, source.packet, nowMs);
    source.packet.number = number;
    source.packet.payloadLength = payloadLength;
    source.packet.payloadType = codec.payloadType;
    source.packet.redundantBytes = redundantBytes;
    track.forward(packet, headerLength, source.packet);
  }

  #sourceOf(ssrc: number): RtpSource {
    if (this.#source?.ssrc === ssrc) return this.#source;
    const { clockRate } = this.#owner.codec;
    this.#source = new RtpSource({ ssrc, clockRate, senderClock: this.#senderClock });
    this.#owner.track?.sourceSwitched();
    return this.#source;
  }

  #read(packet: Buffer, into: SourcePacket, nowMs: number): void {
    into.marker = markerOf(packet);
    into.timestamp = timestampOf(packet);
    into.arrivedMs = nowMs;
    const level = this.#audioLevelId === 0 ? -1 : findHeaderExtension(packet, this.#audioLevelId);
    into.audioLevel = level < 0 || headerExtensionLength(packet, level) === 0 ? -1 : (packet[level] ?? -1);
  }
}
