import type { Clock } from '../ports.ts';
import { visitRtcp } from '../rtcp/compound.ts';
import { MAX_NACK_NUMBERS, writeNack, writePictureLoss } from '../rtcp/feedback.ts';
import { MAX_COUNT } from '../rtcp/packet.ts';
import { ReceiveStatistics } from '../rtcp/receive-statistics.ts';
import { writeReceiverReport } from '../rtcp/report.ts';
import { SenderClock } from '../rtcp/sender-clock.ts';
import { writeSourceDescription } from '../rtcp/source.ts';
import { rtpHeaderLength, sequenceNumberOf, ssrcOf, timestampOf } from '../rtp/header.ts';
import { ntpMiddle32 } from '../rtp/ntp.ts';
import { audioLevelId, transportCcId } from '../sdp/capabilities.ts';
import { type Codec, type RemoteSection, sends } from '../sdp/description.ts';
import { ArrivalReports } from './arrival-reports.ts';
import { AudioFrames } from './audio-frames.ts';
import { FrameTimes } from './frame-times.ts';
import type { FrameReceiver, ReceivedFrame } from './received-frame.ts';
import { VideoFrames } from './video-frames.ts';
import type { VoiceSender } from './voice-sender.ts';

/** A track that the SFU sends. */
export interface RemoteTrack {
  readonly mid: string;
  readonly kind: 'audio' | 'video';
  /** MediaStream id: by the contract, the sessionID of the sender. */
  readonly streamId: string;
  /** By the contract `<type>_<sessionID>_<random>`. */
  readonly trackId: string;
  readonly ssrc: number;
  /** For example `audio/opus`. */
  readonly mimeType: string;
}

/** Reception of one track so far. */
export interface TrackStats {
  readonly packets: number;
  /** Packets that did not arrive; less than zero if there are more copies than losses. */
  readonly packetsLost: number;
  readonly jitterMs: number;
}

export interface PeerMediaOwner {
  readonly clock: Clock;
  /** SSRC of reports about what arrives. */
  readonly ssrc: number;
  readonly cname: string;
  sendRtcp(compound: Uint8Array): void;
  onTrack(track: RemoteTrack): void;
  onTrackEnded(track: RemoteTrack): void;
  onFrame(track: RemoteTrack, frame: ReceivedFrame): void;
}

interface Reception {
  readonly track: RemoteTrack;
  readonly statistics: ReceiveStatistics;
  readonly times: FrameTimes;
  readonly frames: FrameReceiver;
}

const REPORT_INTERVAL_MS = 1_000;
const CLOCK_RATES = { audio: 48_000, video: 90_000 };

/** The media of a peer: tracks that the SFU sends, and the reports on them and on what is sent. */
export class PeerMedia {
  /** Packets of no announced track, or that could not be read. */
  strayPackets = 0;
  readonly #owner: PeerMediaOwner;
  readonly #senderClock = new SenderClock();
  readonly #arrivals: ArrivalReports;
  readonly #bySsrc = new Map<number, Reception>();
  #voices: readonly VoiceSender[] = [];
  #transportCcId = 0;
  #nextReportMs = Number.POSITIVE_INFINITY;

  constructor(owner: PeerMediaOwner) {
    this.#owner = owner;
    this.#arrivals = new ArrivalReports((compound) => owner.sendRtcp(compound));
  }

  /** Media may flow. */
  start(nowMs: number): void {
    this.#nextReportMs = nowMs + REPORT_INTERVAL_MS;
  }

  /** Sets the voices that sender reports are about. */
  setVoices(voices: readonly VoiceSender[]): void {
    this.#voices = voices;
  }

  /** Takes the tracks of the SFU's last description. */
  sync(sections: readonly RemoteSection[], nowMs: number): void {
    const described = new Map(sections.flatMap((section) => trackOf(section) ?? []));
    for (const [ssrc, { track }] of this.#bySsrc) {
      if (isSame(described.get(ssrc)?.track, track)) continue;
      this.#bySsrc.delete(ssrc);
      this.#owner.onTrackEnded(track);
    }
    for (const [ssrc, { track, codec, section }] of described) {
      this.#transportCcId = transportCcId(section.extensions) || this.#transportCcId;
      if (this.#bySsrc.has(ssrc)) continue;
      this.#bySsrc.set(ssrc, this.#receive(track, codec, section, nowMs));
      this.#owner.onTrack(track);
    }
  }

  stats({ ssrc }: RemoteTrack): TrackStats | undefined {
    const statistics = this.#bySsrc.get(ssrc)?.statistics;
    return statistics && { packets: statistics.received, packetsLost: statistics.lost, jitterMs: statistics.jitterMs };
  }

  requestKeyframe({ kind, ssrc }: RemoteTrack): void {
    if (kind === 'video') this.#send(writePictureLoss(scratch, 0, this.#owner.ssrc, ssrc));
  }

  /** Takes a decrypted packet, borrowed until return. */
  receiveRtp(packet: Buffer, nowMs: number): void {
    const headerLength = rtpHeaderLength(packet);
    const reception = headerLength < 0 ? undefined : this.#bySsrc.get(ssrcOf(packet));
    if (headerLength >= 0 && this.#transportCcId > 0) this.#arrivals.received(packet, this.#transportCcId, nowMs);
    if (reception === undefined) {
      this.strayPackets++;
      return;
    }
    reception.statistics.receive(sequenceNumberOf(packet), timestampOf(packet), nowMs);
    reception.frames.receive(packet, headerLength, nowMs);
  }

  /** Takes a decrypted compound packet, borrowed until return. */
  receiveRtcp(compound: Buffer, nowMs: number): void {
    visitRtcp(
      compound,
      {
        onSenderReport: (ssrc, info) => {
          const reception = this.#bySsrc.get(ssrc);
          reception?.statistics.receiveSenderReport(ntpMiddle32(info.ntp), nowMs);
          reception?.times.receiveReport(info, nowMs);
        },
      },
      nowMs,
    );
  }

  deadline(): number {
    let next = Math.min(this.#nextReportMs, this.#arrivals.deadline());
    for (const { frames } of this.#bySsrc.values()) next = Math.min(next, frames.deadline());
    return next;
  }

  timeout(nowMs: number): void {
    this.#arrivals.timeout(nowMs);
    for (const { frames } of this.#bySsrc.values()) frames.timeout(nowMs);
    if (nowMs < this.#nextReportMs) return;
    this.#nextReportMs = nowMs + REPORT_INTERVAL_MS;
    this.#report(nowMs);
  }

  #receive(track: RemoteTrack, { payloadType, mimeType }: Codec, section: RemoteSection, nowMs: number): Reception {
    const { ssrc } = track;
    const clockRate = CLOCK_RATES[track.kind];
    const times = new FrameTimes(clockRate, this.#senderClock);
    const onFrame = (frame: ReceivedFrame) => this.#owner.onFrame(track, frame);
    const frames =
      track.kind === 'audio'
        ? new AudioFrames({ payloadType, audioLevelId: audioLevelId(section.extensions), times, onFrame })
        : new VideoFrames(
            {
              mimeType,
              payloadType,
              times,
              onFrame,
              requestPackets: (numbers) => this.#requestPackets(ssrc, numbers),
              requestKeyframe: () => this.requestKeyframe(track),
            },
            nowMs,
          );
    return { track, statistics: new ReceiveStatistics(clockRate), times, frames };
  }

  #requestPackets(ssrc: number, sequenceNumbers: readonly number[]): void {
    for (let at = 0; at < sequenceNumbers.length; at += MAX_NACK_NUMBERS) {
      const numbers = sequenceNumbers.slice(at, at + MAX_NACK_NUMBERS);
      this.#send(writeNack(scratch, 0, this.#owner.ssrc, ssrc, numbers));
    }
  }

  #report(nowMs: number): void {
    const { ssrc, cname } = this.#owner;
    for (const voice of this.#voices) {
      const end = voice.writeReport(scratch, 0, nowMs);
      if (end > 0) this.#send(writeSourceDescription(scratch, end, voice.track.ssrc, cname));
    }
    const heard = [...this.#bySsrc.values()].filter(({ statistics }) => statistics.received > 0);
    const blocks = heard.map(({ track, statistics }) => statistics.report(track.ssrc, nowMs));
    for (let at = 0; at < blocks.length; at += MAX_COUNT) {
      const end = writeReceiverReport(scratch, 0, ssrc, blocks.slice(at, at + MAX_COUNT));
      this.#send(writeSourceDescription(scratch, end, ssrc, cname));
    }
  }

  #send(length: number): void {
    this.#owner.sendRtcp(scratch.subarray(0, length));
  }
}

interface DescribedTrack {
  readonly track: RemoteTrack;
  readonly codec: Codec;
  readonly section: RemoteSection;
}

/** The track of a section, under its SSRC, if the SFU sends there what can be received. */
function trackOf(section: RemoteSection): [[ssrc: number, described: DescribedTrack]] | undefined {
  const { mid, kind, rejected, direction, ssrcs, streamId, trackId } = section;
  const [ssrc] = ssrcs;
  if (kind === 'application' || rejected || !sends(direction) || ssrc === undefined) return undefined;
  const codec = section.codecs.find(({ mimeType }) => RECEIVED_CODECS[kind] === mimeType.toLowerCase());
  if (codec === undefined) return undefined;
  const { mimeType } = codec;
  return [[ssrc, { track: { mid, kind, streamId, trackId, ssrc, mimeType }, codec, section }]];
}

const RECEIVED_CODECS = { audio: 'audio/opus', video: 'video/vp8' };

const isSame = (one: RemoteTrack | undefined, other: RemoteTrack): boolean =>
  one?.mid === other.mid && one.streamId === other.streamId && one.trackId === other.trackId;

/** Packets are written and sent within one turn. */
const scratch = Buffer.alloc(1_400);
