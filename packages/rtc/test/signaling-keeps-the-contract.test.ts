import {
  decodeSessionDescription,
  encodeDataChannelMessage,
  encodeSessionDescription,
  RtcMessageType,
  type SessionDescription,
} from '@rtcd/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { SimulatedCall } from '../src/testing/index.ts';

let call: SimulatedCall;
/** Types of the descriptions that went to the peer over the WebSocket. */
let overWebSocket: string[];
let errors: string[];

beforeEach(async () => {
  overWebSocket = [];
  errors = [];
  const metrics = { ...silentMetrics, error: (_: string, type: string) => void errors.push(type) };
  call = await SimulatedCall.start({ delayMs: 20, sfu: { metrics } });
  call.sfu.on('message', ({ sessionID, type, data }) => {
    if (sessionID !== 'peer' || type !== RtcMessageType.SDP) return;
    overWebSocket.push(decodeSessionDescription(data).type);
  });
});
afterEach(() => call.close());

/** Joins a peer that has its later offers carried by `carry`. */
async function joinPeer(dcSignaling: boolean) {
  let carry: ((description: SessionDescription) => void) | undefined;
  const tamper = (description: SessionDescription) => {
    if (!carry || description.type === 'answer') return description;
    carry(description);
    return undefined;
  };
  const peer = await call.join('peer', { voice: false, dcSignaling, tamper });
  call.time.runFor(500);
  overWebSocket.length = 0;
  const carryBy = (way: 'channel' | 'client') => {
    carry = (description) => {
      if (way === 'channel') return peer.sendRawMessage(encodeDataChannelMessage({ type: 'sdp', description }));
      const ids = { groupID: 'group', callID: 'call', userID: '', sessionID: 'peer' };
      call.sfu.receive({ ...ids, type: RtcMessageType.SDP, data: encodeSessionDescription(description) });
    };
  };
  return { peer, carryBy };
}

describe.each([true, false])('with dcSignaling %s', (dcSignaling) => {
  it('offers of the SFU go over the data channel if the join said so, else over the WebSocket', async () => {
    const { peer } = await joinPeer(dcSignaling);
    await call.join('other');
    call.time.runFor(1_000);
    expect(peer.senders).toEqual(['other']);
    expect(overWebSocket).toEqual(dcSignaling ? [] : ['offer']);
  });

  it('the SFU answers at once, and offers nothing before the data channel is open', async () => {
    await call.join('other');
    call.network.setConditions({ lossRate: 1 });
    let beforeRestored: readonly string[] = [];
    call.time.schedule(call.time.nowMs + 5_000, () => {
      beforeRestored = [...overWebSocket];
      call.network.setConditions({ lossRate: 0 });
    });
    const peer = await call.join('peer', { voice: false, dcSignaling });
    call.time.runFor(2_000);
    expect(beforeRestored).toEqual(['answer']);
    expect(peer.senders).toEqual(['other']);
  });

  it('an offer of the peer is answered over the way that it took, either of them', async () => {
    const { peer, carryBy } = await joinPeer(dcSignaling);
    let answered = 0;
    peer.on('answered', () => {
      answered += 1;
    });
    carryBy('channel');
    peer.renegotiate();
    call.time.runFor(500);
    expect([answered, ...overWebSocket]).toEqual([1]);
    carryBy('client');
    peer.renegotiate();
    call.time.runFor(500);
    expect([answered, ...overWebSocket]).toEqual([2, 'answer']);
  });

  it('an offer that is not answered for 10 s is counted, and the next one succeeds', async () => {
    let answers = true;
    const tamper = (description: SessionDescription) =>
      answers || description.type === 'offer' ? description : undefined;
    const peer = await call.join('peer', { voice: false, dcSignaling, tamper });
    call.time.runFor(500);
    answers = false;
    const other = await call.join('other');
    call.time.runFor(9_000);
    expect(errors).toEqual([]);
    answers = true;
    call.time.runFor(3_000);
    expect(errors).toEqual(['signaling']);
    call.speak([other], 200);
    call.time.runFor(100);
    expect(peer.received('other')?.packets).toBe(10);
  });

  it('a lock that the peer holds for more than 5 s is counted, and its tracks follow when it is free', async () => {
    const { peer } = await joinPeer(dcSignaling);
    peer.requestLock();
    call.time.runFor(200);
    await call.join('other');
    call.time.runFor(4_000);
    expect(errors).toEqual([]);
    call.time.runFor(2_000);
    expect(errors).toEqual(['signaling_lock_timeout']);
    expect(peer.senders).toEqual([]);
    peer.releaseLock();
    call.time.runFor(1_000);
    expect(peer.senders).toEqual(['other']);
    expect(errors).toEqual(['signaling_lock_timeout']);
  });
});
