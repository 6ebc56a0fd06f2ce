import { ArrivalReports } from '../../peer/arrival-reports.ts';
import { codecNameOf, type LocalTrack, type VideoCodecName } from '../../peer/participant-sdp.ts';
import type { NegotiatedTrack } from '../../peer/participant-sections.ts';
import type { Random } from '../../ports.ts';
import { visitRtcp } from '../../rtcp/compound.ts';
import { ssrcOf } from '../../rtp/header.ts';
import { transportCcId } from '../../sdp/capabilities.ts';
import { type RemoteSection, sends } from '../../sdp/description.ts';
import type { RecordedVideo } from './recorded-video.ts';
import { VideoEncoding, type VideoEncodingOptions } from './video-encoding.ts';
import { VideoReceiver } from './video-receiver.ts';

export interface ParticipantVideoOwner {
  readonly random: Random;
  readonly recordings: readonly RecordedVideo[];
  /** Sends transport-cc feedback about what arrives. */
  readonly reportsArrivals: boolean;
  /** Encodings with which to send a track, undefined while it may not flow. */
  negotiated(track: LocalTrack): NegotiatedTrack | undefined;
  sendRtp(packet: Uint8Array, rolloverCounter: number): void;
  sendRtcp(compound: Uint8Array): void;
}

/** A video that a participant sends, in one encoding or several at once. */
export interface SentVideo {
  readonly track: LocalTrack;
  /** In the order of the track's rids. */
  readonly encodings: readonly VideoEncoding[];
  /** Changes to another codec of its section without negotiation, from the next frame on, as `setParameters` does in browsers. */
  changeCodec(name: VideoCodecName): void;
}

/** The videos of a participant: those that it sends while their sections are agreed upon, and those that it is sent. */
export class ParticipantVideo {
  readonly #owner: ParticipantVideoOwner;
  readonly #sent: SentVideo[] = [];
  readonly #receiverOf = new Map<number, VideoReceiver>();
  readonly #byMid = new Map<string, VideoReceiver>();
  readonly #reports: ArrivalReports;
  #transportNumber = 0;
  #transportCcId = 0;

  constructor(owner: ParticipantVideoOwner) {
    this.#owner = owner;
    this.#reports = new ArrivalReports((compound) => owner.sendRtcp(compound));
  }

  /** Begins to send frames of a track, with options for each of its encodings. */
  send(track: LocalTrack, options: readonly VideoEncodingOptions[]): SentVideo {
    let codecName: VideoCodecName | undefined;
    const negotiated = (): NegotiatedTrack => {
      const agreed = this.#owner.negotiated(track)!;
      return { ...agreed, codec: agreed.codecs.find((codec) => codecNameOf(codec) === codecName) ?? agreed.codec };
    };
    const rids = track.rids.length > 0 ? track.rids : [undefined];
    const encodings = rids.map((rid, i) => {
      const isAnnounced = rid === undefined;
      return new VideoEncoding(options[i] ?? {}, {
        rid,
        ssrc: isAnnounced ? track.ssrc : this.#newSsrc(),
        rtxSsrc: isAnnounced && track.rtxSsrc !== undefined ? track.rtxSsrc : this.#newSsrc(),
        negotiated,
        recordings: this.#owner.recordings,
        nextTransportNumber: () => this.#transportNumber++ & 0xffff,
        send: (packet, rolloverCounter) => this.#owner.sendRtp(packet, rolloverCounter),
      });
    });
    const changeCodec = (name: VideoCodecName) => {
      codecName = name;
    };
    const sent = { track, encodings, changeCodec };
    this.#sent.push(sent);
    return sent;
  }

  /** Sets the SSRC of each section from now on. Nothing is asked for where none does. */
  sync(sections: readonly RemoteSection[], nowMs: number): void {
    this.#byMid.clear();
    for (const { kind, mid, ssrcs, rtxSsrcs, direction, rejected, extensions, codecs } of sections) {
      const [ssrc] = ssrcs;
      if (kind !== 'video' || rejected || !sends(direction) || ssrc === undefined) continue;
      const receiver = this.#receiverOf.get(ssrc) ?? this.#createReceiver(ssrc, rtxSsrcs.get(ssrc), nowMs);
      receiver.adopt(codecs);
      this.#byMid.set(mid, receiver);
      if (this.#owner.reportsArrivals) this.#transportCcId = transportCcId(extensions);
    }
  }

  received(mid: string): VideoReceiver | undefined {
    return this.#byMid.get(mid);
  }

  /** Returns false for a packet of no video. */
  receive(packet: Buffer, nowMs: number): boolean {
    const receiver = this.#receiverOf.get(ssrcOf(packet));
    receiver?.receive(packet, nowMs);
    if (this.#transportCcId > 0) this.#reports.received(packet, this.#transportCcId, nowMs);
    return receiver !== undefined;
  }

  receiveRtcp(compound: Buffer, nowMs: number): void {
    const requestKeyframe = (mediaSsrc: number) => {
      const sent = this.#sent.find(({ encodings }) => encodings.some(({ ssrc }) => ssrc === mediaSsrc));
      sent?.encodings.find(({ ssrc }) => ssrc === mediaSsrc)?.keyframeRequestsMs.push(nowMs);
      // As in browsers: one encoder makes all of them.
      for (const encoding of sent?.encodings ?? []) encoding.requestKeyframe();
    };
    visitRtcp(
      compound,
      {
        onNack: (mediaSsrc, sequenceNumber) =>
          this.#sending.find(({ ssrc }) => ssrc === mediaSsrc)?.resend(sequenceNumber),
        onReportBlock: ({ ssrc: source }) =>
          this.#sending.find(({ ssrc, rtxSsrc }) => ssrc === source || rtxSsrc === source)?.reported(source),
        onPictureLoss: requestKeyframe,
        onFullIntraRequest: requestKeyframe,
      },
      nowMs,
    );
  }

  deadline(): number {
    return Math.min(
      this.#reports.deadline(),
      ...this.#sending.map((encoding) => encoding.deadline()),
      ...this.#byMid.values().map((receiver) => receiver.deadline()),
    );
  }

  timeout(nowMs: number): void {
    this.#reports.timeout(nowMs);
    for (const encoding of this.#sending) encoding.timeout(nowMs);
    for (const receiver of this.#byMid.values()) receiver.timeout(nowMs);
  }

  get #sending(): readonly VideoEncoding[] {
    return this.#sent.flatMap(({ track, encodings }) => (this.#owner.negotiated(track) === undefined ? [] : encodings));
  }

  #createReceiver(ssrc: number, rtxSsrc: number | undefined, nowMs: number): VideoReceiver {
    const sendRtcp = (compound: Uint8Array) => this.#owner.sendRtcp(compound);
    const receiver = new VideoReceiver({ ssrc, rtxSsrc, recordings: this.#owner.recordings, sendRtcp }, nowMs);
    this.#receiverOf.set(ssrc, receiver);
    if (rtxSsrc !== undefined) this.#receiverOf.set(rtxSsrc, receiver);
    return receiver;
  }

  #newSsrc(): number {
    return Buffer.from(this.#owner.random(4)).readUInt32BE() || 1;
  }
}
