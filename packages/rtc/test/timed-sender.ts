import { encodeScreenOn, RtcMessageType } from '@rtcd/protocol';
import { visitRtcp } from '../src/rtcp/compound.ts';
import { writeSenderReport } from '../src/rtcp/report.ts';
import { payloadTypeOf, rtpHeaderLength } from '../src/rtp/header.ts';
import { ntpTimestamp } from '../src/rtp/ntp.ts';
import type { Participant, SimulatedCall } from '../src/testing/index.ts';
import { readVideoPayload } from '../src/testing/participant/video-payload.ts';
import { RawVideo } from './raw-video.ts';
import { RawVoice } from './raw-voice.ts';

/** The sender's clock, compared to that of the call. */
const CLOCK_OFFSET_MS = -7_654_321;
/** Time from when something is captured until it is sent. */
const VOICE_LATENCY_MS = 35;
const VIDEO_LATENCY_MS = 80;
const STEP_MS = 20;
const VOICE_REPORT_STEPS = 250;
const VIDEO_REPORT_STEPS = 50;
const VOICE_PAYLOAD_BYTES = 40;

/** A sender of a voice and of a screen in two encodings that knows when each packet was captured, and reports on all as Chromium does. */
export class TimedSender {
  isSpeaking = true;
  /** Sends the encoding `h`, too. */
  sendsHigh = true;
  readonly #call: SimulatedCall;
  readonly #sender: Participant;
  readonly #voice: RawVoice;
  readonly #videos: readonly RawVideo[];
  readonly #startMs: number;
  /** By SSRC and frame. */
  readonly #capturedMs = new Map<string, number>();
  #steps = 0;
  #needsKeyframe = true;

  private constructor(call: SimulatedCall, sender: Participant, videos: readonly RawVideo[]) {
    this.#call = call;
    this.#sender = sender;
    this.#videos = videos;
    this.#voice = new RawVoice(call, sender, { ssrc: sender.voiceSsrc! });
    this.#startMs = call.time.nowMs;
    const requestKeyframe = () => {
      this.#needsKeyframe = true;
    };
    sender.on('rtcp', (compound) => visitRtcp(compound, { onPictureLoss: requestKeyframe }, call.time.nowMs));
  }

  /** Joins, and shares a screen in the encodings `l` and `h`. */
  static async join(call: SimulatedCall): Promise<TimedSender> {
    const sender = await call.join('sender');
    const rids = ['l', 'h'];
    const track = sender.publishVideo({ codecs: ['VP8'], rids });
    const data = encodeScreenOn({ screenStreamID: track.streamId });
    const type = RtcMessageType.ScreenOn;
    call.sfu.receive({ groupID: 'group', callID: 'call', userID: '', sessionID: 'sender', type, data });
    call.time.runFor(500);
    const videos = rids.map((rid, index) => new RawVideo(sender, track, { ssrc: 1_000 + index, rid }));
    return new TimedSender(call, sender, videos);
  }

  /** Returns when a packet was captured that carries a payload of the sender, on the sender's clock. */
  captureTimeMs(packet: Buffer): number | undefined {
    const payload = packet.subarray(rtpHeaderLength(packet));
    if (payloadTypeOf(packet) === 111) return payload.readDoubleBE();
    const video = readVideoPayload('VP8', payload);
    return video && this.#capturedMs.get(`${video.source} ${video.frame}`);
  }

  /** Sends what is due, and lets 20 ms pass. */
  step(): void {
    const { nowMs } = this.#call.time;
    if (this.isSpeaking) this.#speak(nowMs);
    const [low, high] = this.#videos as [RawVideo, RawVideo];
    const videos = this.sendsHigh ? [low, high] : [low];
    for (const video of videos) {
      if (this.#needsKeyframe || this.#steps % (video === low ? 10 : 2) === 0) this.#sendFrame(video, nowMs);
    }
    this.#needsKeyframe = false;
    if (this.isSpeaking && this.#steps % VOICE_REPORT_STEPS === 0) this.#report(this.#sender.voiceSsrc!, nowMs, 48);
    if (this.#steps % VIDEO_REPORT_STEPS === 1) for (const { ssrc } of videos) this.#report(ssrc, nowMs, 90);
    this.#steps++;
    this.#call.time.runFor(STEP_MS);
  }

  /** Timestamps pass over the time since the last packet, as in Chromium. */
  #speak(nowMs: number): void {
    this.#voice.skip(Math.floor((nowMs - this.#startMs) / STEP_MS) - this.#voice.sent);
    const payload = Buffer.alloc(VOICE_PAYLOAD_BYTES);
    payload.writeDoubleBE(this.#toSenderMs(this.#startMs + this.#voice.sent * STEP_MS - VOICE_LATENCY_MS));
    this.#voice.send(payload);
  }

  #sendFrame(video: RawVideo, nowMs: number): void {
    const capturedMs = nowMs - VIDEO_LATENCY_MS;
    this.#capturedMs.set(`${video.ssrc} ${video.frames}`, this.#toSenderMs(capturedMs));
    video.sendFrame(capturedMs, { isKeyframe: this.#needsKeyframe, names: true });
  }

  /** Timestamps of the voice begin with zero, those of video at the start of the call. */
  #report(ssrc: number, nowMs: number, ticksPerMs: number): void {
    const isVoice = ssrc === this.#sender.voiceSsrc;
    const mediaMs = isVoice ? nowMs - this.#startMs + VOICE_LATENCY_MS : nowMs;
    const timestamp = Math.round(mediaMs * ticksPerMs) >>> 0;
    const compound = Buffer.alloc(28);
    const ntp = ntpTimestamp(this.#toSenderMs(nowMs));
    writeSenderReport(compound, 0, ssrc, { ntp, timestamp, packets: 0, octets: 0 });
    this.#sender.sendRawRtcp(compound);
  }

  #toSenderMs(nowMs: number): number {
    return this.#call.clock.unixMs() - this.#call.time.nowMs + nowMs + CLOCK_OFFSET_MS;
  }
}
