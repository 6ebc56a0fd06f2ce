import { beforeEach, describe, expect, it } from 'vitest';
import { visitTransportCc } from '../rtcp/transport-cc.ts';
import type { IncomingMedia } from './receive/incoming-media.ts';
import { RtcpFeedback } from './rtcp-feedback.ts';

const NO_MEDIA = { sources: [], levels: [], deadline: () => Number.POSITIVE_INFINITY } as unknown as IncomingMedia;

let feedback: RtcpFeedback;
let reports: { readonly atMs: number; readonly arrived: number[]; readonly missing: number[] }[];
let nowMs: number;

beforeEach(() => {
  nowMs = 1_000;
  reports = [];
  feedback = new RtcpFeedback(NO_MEDIA, { io: { sendRtcp: (_, packet) => report(Buffer.from(packet)) }, ssrc: 1 });
  feedback.start(0);
});

function report(packet: Buffer): void {
  const arrived: number[] = [];
  const missing: number[] = [];
  visitTransportCc(packet, (number, arrivalMs) => (arrivalMs === undefined ? missing : arrived).push(number));
  reports.push({ atMs: nowMs, arrived, missing });
}

/** Receives packets at an even rate for five seconds, and returns the times between reports at the end. */
function intervalsAt(bitrateBps: number, sizeBytes: number): number[] {
  const intervalMs = (sizeBytes * 8_000) / bitrateBps;
  for (let number = 0; number * intervalMs < 5_000; number++) {
    nowMs = 1_000 + number * intervalMs;
    feedback.timeout(nowMs, undefined);
    feedback.received(number, sizeBytes, nowMs);
  }
  const times = reports.slice(-5).map(({ atMs }) => atMs);
  return times.slice(1).map((atMs, index) => atMs - times[index]!);
}

describe('reports of arrivals', () => {
  it('come every 50 ms at a high rate', () => {
    for (const intervalMs of intervalsAt(2_000_000, 1_200)) expect(intervalMs).toBeCloseTo(50, -1);
  });

  it('take 5% of a low rate', () => {
    for (const intervalMs of intervalsAt(100_000, 125)) expect(intervalMs).toBeCloseTo(110, -1);
  });

  it('come every 250 ms at least', () => {
    for (const intervalMs of intervalsAt(24_000, 60)) expect(intervalMs).toBeCloseTo(260, -1);
  });

  it('reach back to a packet that was reported as missing and came late', () => {
    for (const number of [0, 1, 3]) feedback.received(number, 1_000, nowMs);
    feedback.timeout(nowMs, undefined);
    expect(reports.at(-1)).toMatchObject({ arrived: [0, 1, 3], missing: [2] });
    nowMs += 100;
    for (const number of [2, 4]) feedback.received(number, 1_000, nowMs);
    feedback.timeout(nowMs, undefined);
    expect(reports.at(-1)).toMatchObject({ arrived: [2, 3, 4], missing: [] });
  });
});
