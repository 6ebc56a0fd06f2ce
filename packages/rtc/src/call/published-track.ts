import type { TrackType } from '@rtcd/protocol';
import type { Layers } from '../codecs/layers.ts';
import type { PayloadDescriptor } from '../codecs/payload-descriptor.ts';
import type { SourceClock } from '../rtcp/sender-clock.ts';
import type { HeaderExtensionWriter } from '../rtp/header-extensions.ts';
import type { PacketHistory } from '../rtp/packet-history.ts';

/** A track that a session sends, as the rest of the call sees it. */
export interface PublishedTrack {
  /** As announced in SDP: `<type>_<sessionID of the sender>_<8 random characters>`. */
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly type: TrackType;
  /** The sessionID of the sender. */
  readonly senderID: string;
  /** For example `audio/opus`. With `clockRate` and `parameters`, it follows the sender, which may change its codec at any time. */
  readonly mimeType: string;
  readonly clockRate: number;
  /** The text of a=fmtp of its codec. */
  readonly parameters?: string;
  /** Its packets may be redundant ones (RFC 2198). */
  readonly hasRed?: boolean;
  /** Encodings of a video, the smallest first. Empty for audio. */
  readonly levels: readonly PublishedLevel[];
  /** From now on its packets go to `subscriber` too. */
  attach(subscriber: Subscriber): void;
  detach(subscriber: Subscriber): void;
}

/** Rate of an encoding with some of its layers, in bits per second, headers included. */
export interface LayerRate {
  readonly layers: Layers;
  /** Over the last two seconds, in which a key frame weighs much. */
  readonly bitrateBps: number;
  /** Over some more seconds. It rises slowly for an encoding that begins. */
  readonly averageBps: number;
}

/** One encoding of a published video. */
export interface PublishedLevel {
  /** RID (RFC 8851), empty for the only encoding of a section without. */
  readonly rid: string;
  /** Time of its last packet that was no padding; negative infinity before the first one. */
  readonly lastPacketMs: number;
  /**
   * Rates of the layers in which it is sent lately, the lowest alone first, all together last. A layer is left out before those that it depends on,
   * and temporal ones before spatial ones. Empty while nothing but padding arrives.
   */
  rates(nowMs: number): readonly LayerRate[];
  /** Asks the sender for a key frame until one has arrived whole, within the limits of `KeyframeRequester`. */
  requestKeyframe(): void;
  /** Stops asking: no receiver is left. */
  cancelKeyframeRequest(): void;
}

/** One receiver of a track, as its source sees it. */
export interface Subscriber {
  /** packet-io's number of the destination. */
  readonly slot: number;
  /** SRTP's rollover counter of the header written last. */
  readonly rolloverCounter: number;
  /** Bytes behind the header written last that stand in place of the first `replacedLength` bytes of the payload. */
  readonly prefixLength: number;
  readonly replacedLength: number;
  /**
   * The numbers of the packets to come have nothing to do with those before: what comes next follows without a gap. With `level`, this
   * holds for that encoding alone.
   */
  resume(level?: PublishedLevel): void;
  /** The packets to come are of another codec of the track, and begin with a key frame. */
  codecChanged(): void;
  /**
   * Writes this receiver's header and prefix at `offset` and returns where the header ends: `offset` for a packet that the receiver does not
   * want, -1 for one that is too old to be sent.
   */
  writeHeader(out: Buffer, offset: number, packet: SourcePacket, extensions: HeaderExtensionWriter): number;
}

/** The fields of an incoming packet that its receivers' headers are made of. One mutable object per source. */
export interface SourcePacket {
  marker: boolean;
  /** Counts the source's packets that are forwarded, over all wraps: no two have the same. */
  number: number;
  timestamp: number;
  /** The byte of RFC 6464, -1 if the packet has none. */
  audioLevel: number;
  /** The sender's number of the codec, also of the blocks of a redundant payload. */
  payloadType: number;
  /** Bytes in front of the primary encoding of a redundant payload (RFC 2198), 0 for a plain one. */
  redundantBytes: number;
  payloadLength: number;
  arrivedMs: number;
  /** Clock of the source, by its sender reports. */
  clock: SourceClock;
  /** Undefined for audio. */
  readonly video: SourceVideo | undefined;
}

/** The fields of an incoming packet of video. */
export interface SourceVideo {
  readonly level: PublishedLevel;
  readonly history: PacketHistory;
  readonly payload: PayloadDescriptor;
}
