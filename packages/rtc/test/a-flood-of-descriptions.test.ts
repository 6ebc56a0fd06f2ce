import { deflateSync } from 'node:zlib';
import { expect, it, onTestFinished } from 'vitest';
import { type Participant, SimulatedCall } from '../src/testing/index.ts';
import { classify } from '../src/transport/demux.ts';

const PEERS = 20;
const SDP = 3;

/** A data channel message with a description of 200 KB that is refused once it has been read. */
function largeDescription(): Buffer {
  const compressed = deflateSync(JSON.stringify({ type: 'offer', sdp: `v=0\r\n${'a=x\r\n'.repeat(39_000)}` }));
  return Buffer.concat([Buffer.from([SDP, 0xc5, compressed.length >>> 8, compressed.length & 0xff]), compressed]);
}

it('forwards voice between the descriptions of many peers that arrive together', async () => {
  let order: ('voice' | 'refusal')[] = [];
  const logger = {
    debug() {},
    info() {},
    warn: (_fields: object, message: string) => {
      if (message === 'peer message refused') order.push('refusal');
    },
    error() {},
    child: () => logger,
  };
  const call = await SimulatedCall.start({
    delayMs: 10,
    sfu: { logger },
    onTransmit: ({ from, datagram }) => {
      if (from.address === call.sfuAddress.address && classify(Buffer.from(datagram)) === 'rtp') order.push('voice');
    },
  });
  onTestFinished(() => call.close());
  const alice = await call.join('alice');
  const bob = await call.join('bob');
  const peers: Participant[] = [];
  for (let index = 0; index < PEERS; index++) {
    peers.push(await call.join(`peer-${index}`, { groupID: `group-${index % 3}`, callID: `call-${index}` }));
  }
  call.speak([alice, bob], 200);
  const heard = bob.received('alice')!.packets;

  order = [];
  const message = largeDescription();
  for (const peer of peers) for (let count = 0; count < 3; count++) peer.sendRawMessage(message);
  alice.sendVoice();
  call.time.runFor(20);
  // All of them have arrived before the voice.
  expect(order.indexOf('voice')).toBe(1);
  expect(order.filter((event) => event === 'refusal')).toHaveLength(3 * PEERS);

  call.speak([alice, bob], 200);
  call.time.runFor(100);
  expect(bob.received('alice')).toMatchObject({ packets: heard + 11, gaps: 0, corrupt: 0 });
});
