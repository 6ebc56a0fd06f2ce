import { expect, it, onTestFinished } from 'vitest';
import { type OpenParticipantIo, SimulatedCall } from '../src/testing/index.ts';

// With an override, peers know one address. A NAT or a load balancer in front of it may pass their packets on to any of ours.

const PORT = 8443;
const LOCALS = ['127.0.0.1', '10.0.0.1', '10.0.1.1'];
const PUBLIC = '203.0.113.1';

/** The loopback candidate, as a peer on another machine uses it: nothing listens there. */
const OWN_LOOPBACK = '127.0.0.2';

/** A NAT in front of the SFU that passes everything to one of its addresses. */
const through =
  (open: OpenParticipantIo, local: string): OpenParticipantIo =>
  async (handlers) => {
    const io = await open(handlers);
    const address = (candidate: string) => (candidate === PUBLIC ? local : OWN_LOOPBACK);
    return { ...io, openPath: (path) => io.openPath({ ...path, address: address(path.address) }) };
  };

it.each(LOCALS)('a peer whose packets arrive at %s is answered from there, and connects', async (local) => {
  const sources = new Set<string>();
  const call = await SimulatedCall.start({
    sfu: { hostOverride: PUBLIC },
    sfuAddresses: LOCALS.map((address) => ({ address, port: PORT })),
    onTransmit: ({ from }) => {
      if (from.port === PORT) sources.add(from.address);
    },
  });
  onTestFinished(() => call.close());
  expect(call.sfu.candidates.map(({ address }) => address)).toEqual([PUBLIC, '127.0.0.1']);
  await call.join('a', { openIo: through(call.newAddress(), local) });
  expect([...sources]).toEqual([local]);
});
