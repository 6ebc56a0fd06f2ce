/** One frame of a track that the SFU sends, in the order of the track. */
export interface ReceivedFrame {
  /** One Opus packet, or one encoded picture. It is the receiver's to keep. */
  readonly payload: Uint8Array;
  /** RTP timestamp: 48,000 ticks per second of audio, 90,000 of video. */
  readonly timestamp: number;
  /** Time of the frame on the participant's clock, in milliseconds. Frames of all tracks with the same time belong together. */
  readonly timeMs: number;
  /** Reports whether packets are missing between the frame before and this one. */
  readonly followsLoss: boolean;
  /** Reports whether a decoder may begin with this frame. Always true for audio. */
  readonly isKeyframe: boolean;
  /** Level of audio as in RFC 6464, 0 the loudest and 127 silence, if the sender's packets contain it. */
  readonly level?: number;
}

/** Receiver of the packets of one track. */
export interface FrameReceiver {
  /** Takes a packet that `rtpHeaderLength` accepted, borrowed until return. */
  receive(packet: Buffer, headerLength: number, nowMs: number): void;
  deadline(): number;
  timeout(nowMs: number): void;
}
