import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { DependencyReader } from '../../../packages/rtc/src/codecs/dependency-descriptor.ts';
import { emptyPayloadDescriptor } from '../../../packages/rtc/src/codecs/payload-descriptor.ts';
import { payloadReader } from '../../../packages/rtc/src/codecs/payload-format.ts';
import { visitRtcp } from '../../../packages/rtc/src/rtcp/compound.ts';
import { writeFullIntraRequest, writeNack, writePictureLoss } from '../../../packages/rtc/src/rtcp/feedback.ts';
import { writeReceiverReport } from '../../../packages/rtc/src/rtcp/report.ts';
import { writeSourceDescription } from '../../../packages/rtc/src/rtcp/source.ts';
import { visitTransportCc, writeTransportCc } from '../../../packages/rtc/src/rtcp/transport-cc.ts';
import { paddingLengthOf, payloadTypeOf, rtpHeaderLength } from '../../../packages/rtc/src/rtp/header.ts';
import { findHeaderExtension, headerExtensionLength } from '../../../packages/rtc/src/rtp/header-extensions.ts';
import { primaryOffset } from '../../../packages/rtc/src/rtp/red.ts';
import { originalSequenceNumberOf } from '../../../packages/rtc/src/rtp/retransmission.ts';
import { rule } from '../rules.ts';
import type { FuzzTarget } from '../target.ts';

const RTC = 'packages/rtc/src';
const CAPTURES = new URL('../../../packages/rtc/test/vectors/', import.meta.url);
const SEED_PACKETS = 25;
const MAX_EXTENSION_ID = 16;

/** First packets of a capture. */
function captured(name: string): Buffer[] {
  const file = JSON.parse(gunzipSync(readFileSync(new URL(`video/${name}.json.gz`, CAPTURES))).toString()) as {
    readonly packets: readonly [number, string][];
  };
  return file.packets.slice(0, SEED_PACKETS).map(([, base64]) => Buffer.from(base64, 'base64'));
}

const RTP: FuzzTarget = {
  name: 'rtp',
  sources: ['header', 'header-extensions', 'red', 'retransmission'].map((file) => `${RTC}/rtp/${file}.ts`),
  seeds: () => [...captured('chromium-opus-red'), ...captured('chromium-av1-l1t3')],
  parse(packet) {
    const start = rtpHeaderLength(packet);
    if (start < 0) return start;
    const end = packet.length - paddingLengthOf(packet);
    rule(start >= 12 && start <= end, `the payload is from ${start} to ${end} of ${packet.length}`);
    const elements: number[] = [];
    for (let id = 1; id < MAX_EXTENSION_ID; id++) {
      const at = findHeaderExtension(packet, id);
      if (at < 0) continue;
      const length = headerExtensionLength(packet, at);
      rule(at + length <= start, `header extension ${id} ends outside the header`);
      elements.push(id, length);
    }
    const primary = primaryOffset(packet, start, end, payloadTypeOf(packet) & 0x7f);
    rule(primary === -1 || start + primary < end, 'the primary encoding is outside the payload');
    return [start, elements, primary, originalSequenceNumberOf(packet, start, end - start) >= 0];
  },
};

/** A packet that a writer makes. */
function written(write: (out: Buffer) => number): Buffer {
  const out = Buffer.alloc(512);
  return out.subarray(0, write(out));
}

const BLOCK = {
  ssrc: 1,
  fractionLost: 0,
  cumulativeLost: 2,
  extendedHighestSequence: 3,
  jitterTicks: 4,
  lastSenderReport: 5,
  delaySinceLastSenderReport: 6,
};

const RTCP: FuzzTarget = {
  name: 'rtcp',
  sources: ['compound', 'feedback', 'packet', 'remb', 'report', 'source', 'transport-cc', 'transport-cc-chunks'].map(
    (file) => `${RTC}/rtcp/${file}.ts`,
  ),
  seeds: () => [
    written((out) => writeReceiverReport(out, 0, 1, [BLOCK])),
    written((out) => writeSourceDescription(out, 0, 1, 'cname')),
    Buffer.from('82cb00020000000100000002', 'hex'), // BYE of two sources
    written((out) => writePictureLoss(out, 0, 1, 2)),
    written((out) => writeFullIntraRequest(out, 0, 1, 2, 3)),
    written((out) => writeNack(out, 0, 1, 2, [1, 2, 3, 40])),
    written((out) =>
      writeTransportCc(out, 0, {
        senderSsrc: 1,
        mediaSsrc: 2,
        baseSequence: 3,
        statusCount: 4,
        referenceTicks: 256,
        feedbackCount: 1,
        statuses: Uint8Array.from([1, 0, 2, 1]),
        deltas: Int16Array.from([4, 0, 400, 8]),
      }),
    ),
    Buffer.from('80c80006000000010000000200000003000000040000000500000006', 'hex'),
    Buffer.from('8fce00050000000100000000524542420117f0a000000007', 'hex'),
  ],
  parse(compound) {
    const calls = { reports: 0, blocks: 0, names: 0, goodbyes: 0, nacks: 0, requests: 0, estimates: 0, arrivals: 0 };
    const isValid = visitRtcp(
      compound,
      {
        onSenderReport: () => calls.reports++,
        onReportBlock: () => calls.blocks++,
        onCname: () => calls.names++,
        onGoodbye: () => calls.goodbyes++,
        onNack: () => calls.nacks++,
        onPictureLoss: () => calls.requests++,
        onFullIntraRequest: () => calls.requests++,
        onReceiverEstimate(bitrateBps) {
          rule(Number.isFinite(bitrateBps) && bitrateBps >= 0, `an estimate of ${bitrateBps} bit/s`);
          calls.estimates++;
        },
        onTransportCc: (packet) =>
          visitTransportCc(packet, (sequenceNumber, arrivalMs) => {
            rule(sequenceNumber >= 0 && sequenceNumber <= 0xffff, `sequence number ${sequenceNumber}`);
            rule(arrivalMs === undefined || Number.isFinite(arrivalMs), `arrival at ${arrivalMs}`);
            calls.arrivals++;
          }),
      },
      0,
    );
    const { arrivals, nacks, ...others } = calls;
    const sum = Object.values(others).reduce((total, count) => total + count, 0);
    rule(sum <= compound.length, `${sum} calls for ${compound.length} bytes`);
    // 17 packets in 4 bytes, and runs of 8,191 lost ones in 2.
    rule(nacks <= 5 * compound.length, `${nacks} missing packets in ${compound.length} bytes`);
    rule(arrivals <= 4_096 * compound.length, `${arrivals} packets in ${compound.length} bytes`);
    return [isValid, calls];
  },
};

const MIME_TYPES = ['video/VP8', 'video/VP9', 'video/AV1', 'video/H264', 'audio/opus'];
const VIDEO_CAPTURES = ['chromium-av1-l1t3', 'chromium-av1-l3t3-key', 'chromium-h264-pm1'];

/** Recorded payloads of a codec. */
function recorded(codec: string): Buffer[] {
  const file = JSON.parse(gunzipSync(readFileSync(new URL(`recorded/${codec}.json.gz`, CAPTURES))).toString()) as {
    readonly frames: readonly [number, readonly string[]][];
  };
  return file.frames
    .slice(0, SEED_PACKETS)
    .flatMap(([, payloads]) => payloads.slice(0, 1).map((base64) => Buffer.from(base64, 'base64')));
}

const PAYLOADS: FuzzTarget = {
  name: 'payload-descriptors',
  sources: ['av1', 'h264', 'payload-format', 'packet-reader', 'vp8', 'vp9'].map((file) => `${RTC}/codecs/${file}.ts`),
  seeds: () => [
    ...['vp8', 'vp9', 'av1', 'h264'].flatMap(recorded),
    ...VIDEO_CAPTURES.flatMap(captured).map((packet) => packet.subarray(Math.max(0, rtpHeaderLength(packet)))),
  ],
  parse: (payload) =>
    MIME_TYPES.map((mimeType) => {
      const descriptor = emptyPayloadDescriptor();
      if (!payloadReader(mimeType)(payload, 0, payload.length, descriptor)) return undefined;
      rule(descriptor.length < payload.length, `the descriptor of ${mimeType} covers the payload`);
      rule(descriptor.temporalId < 8 && descriptor.spatialId < 8, 'more than eight layers');
      return descriptor;
    }),
};

const DEPENDENCY_EXTENSION_IDS = 15;

const DESCRIPTORS: FuzzTarget = {
  name: 'dependency-descriptor',
  sources: ['dependency-descriptor', 'dependency-structure', 'bit-reader'].map((file) => `${RTC}/codecs/${file}.ts`),
  // Which of a packet's extensions it is does not matter here: all are seeds.
  seeds: () =>
    ['chromium-av1-l1t3', 'chromium-av1-l2t2', 'chromium-av1-l3t3-key']
      .flatMap(captured)
      .flatMap((packet) =>
        Array.from({ length: DEPENDENCY_EXTENSION_IDS }, (_, id) => findHeaderExtension(packet, id)).flatMap((at) =>
          at < 0 ? [] : [packet.subarray(at, at + headerExtensionLength(packet, at))],
        ),
      ),
  parse(input) {
    const reader = new DependencyReader();
    const descriptor = emptyPayloadDescriptor();
    // Twice: the second one meets the structure that the first one left.
    const first = reader.read(input, 0, input.length, descriptor);
    const second = reader.read(input, 0, Math.min(input.length, 3), descriptor);
    rule(descriptor.temporalId < 8 && descriptor.spatialId < 8, 'more than eight layers');
    return [first, second, descriptor];
  },
};

/** Media and reports, after decryption. */
export const MEDIA_TARGETS: readonly FuzzTarget[] = [RTP, RTCP, PAYLOADS, DESCRIPTORS];
