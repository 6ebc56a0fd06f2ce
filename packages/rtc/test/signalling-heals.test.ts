import { decodeSessionDescription, RtcMessageType } from '@rtcd/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { SimulatedCall, type SimulatedCallOptions } from '../src/testing/index.ts';

let call: SimulatedCall;

async function start(options: SimulatedCallOptions = {}): Promise<SimulatedCall> {
  call = await SimulatedCall.start({ delayMs: 20, ...options });
  return call;
}

afterEach(() => call.close());

/** Calls back for each offer of the SFU that goes over the WebSocket, before the peer has it. */
const onOffer = (sessionID: string, callback: () => void) =>
  call.sfu.prependListener('message', (message) => {
    if (message.sessionID !== sessionID || message.type !== RtcMessageType.SDP) return;
    if (decodeSessionDescription(message.data).type === 'offer') callback();
  });

describe('an offer over the WebSocket', () => {
  it.each([
    ['a slow network', { delayMs: 400 }],
    ['a network that loses half of all packets', { lossRate: 0.5, seed: 3 }],
  ])('comes after its media map on %s', async (_, conditions) => {
    await start();
    const listener = await call.join('listener', { voice: false });
    call.network.setConditions(conditions);
    const known: string[][] = [];
    onOffer('listener', () => known.push(listener.senders));
    const joining = call.join('speaker');
    await joining;
    call.time.runFor(8_000);
    expect(known[0]).toEqual(['speaker']);
  });

  it('is not made while the data channel is dead, and comes when it lives again', async () => {
    await start();
    const listener = await call.join('listener', { voice: false });
    const speaker = await call.join('speaker', { voice: false });
    let offers = 0;
    onOffer('listener', () => {
      offers += 1;
    });
    call.network.setConditions({ lossRate: 1 });
    speaker.publishVoice();
    call.time.runFor(15_000);
    expect(offers).toBe(0);
    call.network.setConditions({ lossRate: 0 });
    call.time.runFor(10_000);
    expect(listener.senders).toEqual(['speaker']);
    call.speak([speaker], 200);
    call.time.runFor(100);
    expect(listener.received('speaker')).toMatchObject({ packets: 10, corrupt: 0 });
  });
});
