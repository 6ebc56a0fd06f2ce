import { writeRtpHeader } from '../src/rtp/header.ts';
import { HeaderExtensionWriter } from '../src/rtp/header-extensions.ts';
import { writeOriginalSequenceNumber } from '../src/rtp/retransmission.ts';
import { midId, repairedRidId, ridId, transportCcId } from '../src/sdp/capabilities.ts';
import type { LocalTrack, Participant } from '../src/testing/index.ts';
import { writeVideoPayload } from '../src/testing/participant/video-payload.ts';

const PAYLOAD_BYTES = 200;
/** Id of a header extension that was not negotiated. */
const STRAY_ID = 13;

export interface RawFrame {
  readonly isKeyframe?: boolean;
  /** The extensions that name the section and the encoding. */
  readonly names?: boolean;
  /** Data of an extension that was not negotiated. */
  readonly stray?: readonly number[];
  readonly transportNumber?: number;
}

/** One source of a published video, with everything in its packets as the test says. Each frame is one packet of VP8. */
export class RawVideo {
  readonly ssrc: number;
  frames = 0;
  readonly #sender: Participant;
  readonly #track: LocalTrack;
  readonly #rid: string | undefined;
  #index = 100;
  readonly #sent = new Map<number, { readonly payload: Buffer; readonly timestamp: number }>();

  constructor(sender: Participant, track: LocalTrack, { ssrc, rid }: { ssrc: number; rid?: string }) {
    this.#sender = sender;
    this.#track = track;
    this.#rid = rid;
    this.ssrc = ssrc;
  }

  /** Number of the packet that comes next. */
  get nextIndex(): number {
    return this.#index;
  }

  sendFrame(nowMs: number, { isKeyframe = false, ...extensions }: RawFrame = {}): void {
    const index = this.#index;
    const { payload, timestamp } = this.#nextFrame(isKeyframe, nowMs);
    this.#send(index, payload, timestamp, extensions);
  }

  /** Loses the next frame: it counts, and can be sent again. */
  loseFrame(nowMs: number): void {
    this.#nextFrame(false, nowMs);
  }

  /** Sends nothing but padding under the next number, as a probe. */
  sendPadding(nowMs: number, extensions: Omit<RawFrame, 'isKeyframe'> = {}): void {
    const padding = Buffer.alloc(255, 255);
    this.#send(this.#index++, padding, timestampAt(nowMs), extensions, { isPadding: true });
  }

  /** Sends a packet again, from the retransmission stream of another SSRC. */
  resend(index: number, rtxSsrc: number, rtxNumber: number, extensions: RawFrame = {}): void {
    const payload = Buffer.alloc(2 + PAYLOAD_BYTES);
    writeOriginalSequenceNumber(payload, 0, index);
    const sent = this.#sent.get(index)!;
    sent.payload.copy(payload, 2);
    this.#send(rtxNumber, payload, sent.timestamp, extensions, { rtxSsrc });
  }

  /** Sends a frame that was lost in the media stream itself, as a sender without RTX repeats it. */
  sendLate(index: number): void {
    const { payload, timestamp } = this.#sent.get(index)!;
    this.#send(index, payload, timestamp, {});
  }

  #nextFrame(isKeyframe: boolean, nowMs: number): { readonly payload: Buffer; readonly timestamp: number } {
    const payload = Buffer.alloc(PAYLOAD_BYTES);
    const frame = this.frames++;
    const says = { pictureId: frame & 0x7fff, source: this.ssrc, frame, position: 0, packets: 1, isKeyframe };
    writeVideoPayload('VP8', payload, 0, PAYLOAD_BYTES, says);
    const sent = { payload, timestamp: timestampAt(nowMs) };
    this.#sent.set(this.#index++, sent);
    return sent;
  }

  #send(
    index: number,
    payload: Buffer,
    timestamp: number,
    { names = false, stray, transportNumber }: Omit<RawFrame, 'isKeyframe'>,
    { isPadding = false, rtxSsrc }: { isPadding?: boolean; rtxSsrc?: number } = {},
  ): void {
    const { mid, codec, extensions: ids } = this.#sender.negotiated(this.#track)!;
    const packet = Buffer.alloc(100 + payload.length);
    const payloadType = rtxSsrc === undefined ? codec.payloadType : codec.rtxPayloadType!;
    const header = { marker: !isPadding, payloadType, sequenceNumber: index & 0xffff, timestamp };
    writeRtpHeader(packet, 0, { ...header, ssrc: rtxSsrc ?? this.ssrc });
    const extensions = new HeaderExtensionWriter();
    extensions.begin(packet, 0);
    if (transportNumber !== undefined) extensions.writeUInt16(transportCcId(ids), transportNumber);
    if (names) extensions.writeBytes(midId(ids), Buffer.from(mid));
    if (names && this.#rid !== undefined) {
      extensions.writeBytes(rtxSsrc === undefined ? ridId(ids) : repairedRidId(ids), Buffer.from(this.#rid));
    }
    if (stray) extensions.writeBytes(STRAY_ID, Buffer.from(stray));
    const end = extensions.end();
    payload.copy(packet, end);
    if (isPadding) packet[0]! |= 0x20;
    this.#sender.sendRawRtp(packet.subarray(0, end + payload.length), index >> 16);
  }
}

const timestampAt = (nowMs: number): number => Math.round(nowMs * 90) >>> 0;
