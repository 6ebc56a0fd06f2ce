import type { TrackType } from '@rtcd/protocol';
import type { SourceClock } from '../rtcp/sender-clock.ts';
import type { HeaderExtensionWriter } from '../rtp/header-extensions.ts';

/** What the rest of a call knows of a track that one of its sessions sends. */
export interface PublishedTrack {
  /** As announced in SDP: `<type>_<sessionID of the sender>_<8 random characters>`. */
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly type: TrackType;
  /** The sessionID of the sender. */
  readonly senderID: string;
  /** For example `audio/opus`. */
  readonly mimeType: string;
  readonly clockRate: number;
  /** The text of a=fmtp of its codec. */
  readonly parameters?: string;
  /** From now on its packets go to `receiver` too. */
  attach(receiver: PacketReceiver): void;
  detach(receiver: PacketReceiver): void;
}

/** One receiver of a track, as its source sees it. */
export interface PacketReceiver {
  /** packet-io's number of the destination. */
  readonly slot: number;
  /** SRTP's rollover counter of the header written last. */
  readonly rolloverCounter: number;
  /** The source was silent for a while, by our own doing: what comes next follows without a gap. */
  resume(): void;
  /** Writes this receiver's header at `offset` and returns where it ends, or -1 for a packet that is too old to be sent. */
  writeHeader(out: Buffer, offset: number, packet: SourcePacket, extensions: HeaderExtensionWriter): number;
}

/** The fields of an incoming packet that its receivers' headers are made of. One mutable object per incoming track. */
export interface SourcePacket {
  marker: boolean;
  /** Counts the source's packets that are forwarded, over all wraps: no two have the same. */
  number: number;
  timestamp: number;
  /** The byte of RFC 6464, -1 if the packet has none. */
  audioLevel: number;
  payloadLength: number;
  arrivedMs: number;
  /** Of the source, by its sender reports. */
  clock: SourceClock;
}
