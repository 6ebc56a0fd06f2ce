import type { SessionDescription } from '@rtcd/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentMetrics } from '../src/ports.ts';
import { SimulatedCall } from '../src/testing/index.ts';

let call: SimulatedCall;
let errors: string[];

beforeEach(async () => {
  errors = [];
  call = await SimulatedCall.start({
    sfu: { metrics: { ...silentMetrics, error: (groupID, type) => errors.push(`${groupID}: ${type}`) } },
  });
});

afterEach(() => call.close());

it('a second track under the SSRC of the first, as a track error', async () => {
  const repeated = ({ type, sdp }: SessionDescription): SessionDescription => {
    const voice = sdp.slice(sdp.indexOf('m=audio'));
    return {
      type,
      sdp: sdp.replace('a=group:BUNDLE 0 1', 'a=group:BUNDLE 0 1 2') + voice.replace('a=mid:1', 'a=mid:2'),
    };
  };
  await call.join('peer', { tamper: repeated });
  expect(errors).toEqual(['group: track']);
});

it('packets of another payload type than was negotiated, as one rtp error per track', async () => {
  let offered = '';
  const overhear = (description: SessionDescription): SessionDescription => {
    offered = description.sdp;
    return description;
  };
  const peer = await call.join('peer', { tamper: overhear });
  const ssrc = Number(/a=ssrc:(\d+)/.exec(offered)?.[1]);
  const packet = Buffer.alloc(32);
  packet[0] = 0x80;
  packet[1] = 0;
  packet.writeUInt32BE(ssrc, 8);
  for (let sequence = 1; sequence <= 3; sequence++) {
    packet.writeUInt16BE(sequence, 2);
    peer.sendRawRtp(Buffer.from(packet));
  }
  call.time.runFor(100);
  expect(errors).toEqual(['group: rtp']);
});
