import { randomBytes } from 'node:crypto';
import { DESCRIPTOR_WORDS } from '@rtcd/packet-io';
import type { ReceivedTrack } from '../src/call/negotiated-media.ts';
import { DropCounts } from '../src/inspect/drops.ts';
import { IncomingStream } from '../src/media/receive/incoming-stream.ts';
import { IncomingTrack } from '../src/media/receive/incoming-track.ts';
import { FanOut } from '../src/media/send/fan-out.ts';
import { OutgoingTrack } from '../src/media/send/outgoing-track.ts';
import { SenderClock } from '../src/rtcp/sender-clock.ts';
import { markerOf, payloadTypeOf, sequenceNumberOf, timestampOf } from '../src/rtp/header.ts';
import type { Codec } from '../src/sdp/description.ts';

/** A packet as one receiver is sent it. */
export interface RelayedVoice {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly marker: boolean;
  readonly payload: Buffer;
}

/** Numbers of a receiver's formats. */
export interface VoiceNumbers {
  readonly payloadType: number;
  readonly redPayloadType?: number;
}

const observer = { onFlow() {}, onReport() {}, onKeyframeRequest() {} };

/** One voice on its way from its sender to its receivers, without a network. */
export class VoiceRelay {
  readonly drops = new DropCounts();
  readonly #codec: Codec;
  readonly #fanOut: FanOut;
  readonly #stream: IncomingStream;
  readonly #track: IncomingTrack;
  readonly #sent: RelayedVoice[][] = [];

  constructor(codec: Codec) {
    const { red: _, ...plain } = codec;
    this.#codec = plain;
    this.#fanOut = new FanOut({ send: (arena, descriptors, count) => this.#take(arena, descriptors, count) });
    const received: ReceivedTrack = {
      ...{ mid: '1', kind: 'audio', isAnnounced: true, streamId: 'stream', trackId: 'track' },
      ...{ rids: [], ssrcs: [], rtxSsrcs: new Map(), codec, codecs: [codec], extensions: [] },
    };
    const { drops } = this;
    const options = { senderClock: new SenderClock(), drops, nackBufferSize: 32 };
    this.#stream = new IncomingStream(received, options, {
      onCodec() {},
      onMalformed() {},
      onStarted() {},
      onDeadline() {},
    });
    this.#track = new IncomingTrack(
      {
        ...{ id: 'voice', type: 'voice', senderID: 'sender', fanOut: this.#fanOut, drops },
        ...{ onAudioLevel() {}, stopwatchMs: () => 0, onWritten() {} },
      },
      'audio',
      codec,
    );
    this.#stream.feed(this.#track);
  }

  /** Adds a receiver, and returns the packets that it is sent. */
  addReceiver(numbers: VoiceNumbers): readonly RelayedVoice[] {
    const slot = this.#sent.length;
    const sent: RelayedVoice[] = [];
    this.#sent.push(sent);
    const track = new OutgoingTrack({ source: this.#track, slot, ssrc: slot + 1, random: randomBytes, observer });
    const { payloadType, redPayloadType } = numbers;
    const red = redPayloadType === undefined ? {} : { red: { payloadType: redPayloadType, isPreferred: true } };
    track.adopt({
      codecs: [{ ...this.#codec, payloadType, ...red }],
      audioLevelId: 0,
      transportCcId: 0,
      dependencyDescriptorId: 0,
    });
    track.flow();
    return sent;
  }

  receive(packet: Buffer, nowMs: number): void {
    this.#stream.receive(packet, 0, nowMs);
  }

  #take(arena: Uint8Array, descriptors: Uint32Array, count: number): void {
    for (let at = 0; at < count * DESCRIPTOR_WORDS; at += DESCRIPTOR_WORDS) {
      const [slot, , header, headerLength, , payload, payloadLength] = descriptors.subarray(at, at + DESCRIPTOR_WORDS);
      const head = Buffer.from(arena.subarray(header, header! + headerLength!));
      this.#sent[slot!]!.push({
        payloadType: payloadTypeOf(head),
        sequenceNumber: sequenceNumberOf(head),
        timestamp: timestampOf(head),
        marker: markerOf(head),
        payload: Buffer.from(arena.subarray(payload, payload! + payloadLength!)),
      });
    }
  }
}
