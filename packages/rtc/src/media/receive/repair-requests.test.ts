import { describe, expect, it } from 'vitest';
import { type RtcpVisitor, visitRtcp } from '../../rtcp/compound.ts';
import { MAX_REPAIR_REQUEST_BYTES, type NegotiatedFeedback, RepairRequests } from './repair-requests.ts';

const ALL = { nack: true, pictureLoss: true, fullIntra: true };
const SOURCES = { senderSsrc: 1, mediaSsrc: 2, roundTripMs: 50 };

/** Requests that are written at a time, read back. */
function written(requests: RepairRequests, nowMs: number): string[] {
  const out = Buffer.alloc(MAX_REPAIR_REQUEST_BYTES);
  const end = requests.write(out, 0, { ...SOURCES, nowMs });
  const told: string[] = [];
  if (end === 0) return told;
  const visitor: RtcpVisitor = {
    onNack: (ssrc, sequenceNumber) => told.push(`nack ${ssrc} ${sequenceNumber}`),
    onPictureLoss: (ssrc) => told.push(`pli ${ssrc}`),
    onFullIntraRequest: (ssrc, command) => told.push(`fir ${ssrc} ${command}`),
  };
  expect(visitRtcp(out.subarray(0, end), visitor, nowMs)).toBe(true);
  return told;
}

const withFeedback = (feedback: Partial<NegotiatedFeedback>) =>
  new RepairRequests({ nack: false, pictureLoss: false, fullIntra: false, ...feedback });

describe('RepairRequests', () => {
  it('writes nothing while nothing is missing', () => {
    const requests = withFeedback(ALL);
    requests.received(1, 0);
    expect(requests.deadline()).toBe(Number.POSITIVE_INFINITY);
    expect(written(requests, 1000)).toEqual([]);
  });

  it('requests lost packets and a key frame in one compound', () => {
    const requests = withFeedback(ALL);
    requests.received(65_534, 0);
    requests.received(65_537, 0);
    requests.requestKeyframe();
    expect(written(requests, 10)).toEqual(['pli 2', 'nack 2 65535', 'nack 2 0']);
  });

  it('sends FIR, with a new command number each time, to a peer that negotiated nothing else', () => {
    const requests = withFeedback({ fullIntra: true });
    requests.requestKeyframe();
    expect(written(requests, 0)).toEqual(['fir 2 1']);
    expect(written(requests, 999)).toEqual([]);
    expect(written(requests, 1000)).toEqual(['fir 2 2']);
  });

  it('requests no retransmissions without NACK', () => {
    const requests = withFeedback({ pictureLoss: true });
    requests.received(1, 0);
    requests.received(5, 0);
    expect(written(requests, 1000)).toEqual([]);
  });

  it('requests a key frame instead of more packets than can be repaired', () => {
    const requests = withFeedback(ALL);
    requests.received(1, 0);
    requests.received(1000, 0);
    expect(written(requests, 10)).toEqual(['pli 2']);
  });

  it('spreads a long list over several compounds', () => {
    const requests = withFeedback(ALL);
    for (let index = 0; index <= 600; index += 2) requests.received(index, 0);
    const first = written(requests, 10);
    expect(requests.deadline()).toBe(0);
    const all = [...first, ...written(requests, 10)];
    expect(all).toEqual(Array.from({ length: 300 }, (_, i) => `nack 2 ${2 * i + 1}`));
    expect(requests.deadline()).toBe(60);
  });
});
