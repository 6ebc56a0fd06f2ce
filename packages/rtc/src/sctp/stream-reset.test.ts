import { describe, expect, it } from 'vitest';
import { RetransmissionTimeout } from './rto.ts';
import { StreamReset } from './stream-reset.ts';
import { readChunks } from './wire/chunk.ts';
import { type OutgoingResetRequest, ReConfigResult, readReConfig } from './wire/re-config.ts';

const LOCAL_FIRST_TSN = 0xffffffff;

function setup() {
  const requests: OutgoingResetRequest[] = [];
  const outcomes: [readonly number[], boolean][] = [];
  const busy = new Set<number>();
  const reset = new StreamReset(LOCAL_FIRST_TSN, 500, new RetransmissionTimeout(), {
    sendChunk: (chunk) => void requests.push(readReConfig(readChunks(chunk)![0]!.value)![0] as OutgoingResetRequest),
    lastAssignedTsn: () => 77,
    cumulativeTsn: () => 0,
    isDrained: (streamId) => !busy.has(streamId),
    onIncomingReset() {},
    onOutgoingReset: (streamIds, performed) => void outcomes.push([streamIds, performed]),
  });
  const respond = (responseSeq: number, result: number) =>
    reset.receive([{ kind: 'response', responseSeq, result }], 0);
  return { reset, requests, outcomes, busy, respond };
}

describe('resets of our streams', () => {
  it('are requested one at a time, when the streams have nothing left to send', () => {
    const { reset, requests, outcomes, busy, respond } = setup();
    busy.add(2);
    reset.want([1, 2, 3]);
    reset.poll(0);
    reset.want([4]);
    reset.poll(0);
    expect(requests).toMatchObject([
      { requestSeq: LOCAL_FIRST_TSN, responseSeq: 499, lastAssignedTsn: 77, streamIds: [1, 3] },
    ]);
    respond(LOCAL_FIRST_TSN, ReConfigResult.Performed);
    reset.poll(0);
    expect(requests[1]).toMatchObject({ requestSeq: 0, streamIds: [4] });
    busy.delete(2);
    respond(0, ReConfigResult.NothingToDo);
    reset.poll(0);
    expect(requests[2]).toMatchObject({ requestSeq: 1, streamIds: [2] });
    expect(outcomes).toEqual([
      [[1, 3], true],
      [[4], true],
    ]);
  });

  it('are requested again, with the same number, until there is a response', () => {
    const { reset, requests, respond } = setup();
    reset.want([1]);
    reset.poll(0);
    expect(reset.deadlineMs).toBe(1000);
    reset.onTimeout(1000);
    expect(reset.deadlineMs).toBe(3000);
    respond(LOCAL_FIRST_TSN, ReConfigResult.InProgress);
    reset.onTimeout(reset.deadlineMs);
    expect(requests.map(({ requestSeq }) => requestSeq)).toEqual(Array(3).fill(LOCAL_FIRST_TSN));
    respond(LOCAL_FIRST_TSN, ReConfigResult.Performed);
    expect(reset.deadlineMs).toBe(Number.POSITIVE_INFINITY);
  });

  it('end when the peer refuses; responses to other requests have no effect', () => {
    const { reset, outcomes, respond } = setup();
    respond(LOCAL_FIRST_TSN, ReConfigResult.Performed);
    reset.want([1]);
    reset.poll(0);
    respond(12, ReConfigResult.Performed);
    expect(outcomes).toEqual([]);
    respond(LOCAL_FIRST_TSN, ReConfigResult.Denied);
    expect(outcomes).toEqual([[[1], false]]);
  });
});
