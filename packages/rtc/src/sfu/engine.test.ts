import assert from 'node:assert/strict';
import { createSimulatedNetwork } from '@rtcd/packet-io/testing';
import { type RtcMessage, RtcMessageType } from '@rtcd/protocol';
import { expect, it } from 'vitest';
import { createDtlsCertificate } from '../dtls/crypto/certificate.ts';
import { type RtcMetrics, silentLogger, silentMetrics, systemClock } from '../ports.ts';
import { seededBytes } from '../testing/seeded-random.ts';
import { Relays } from '../transport/relays.ts';
import { Engine, type EngineParts } from './engine.ts';
import type { EngineCommand, EngineEvent } from './messages.ts';

const ids = { groupID: 'group', callID: 'call', userID: 'user', sessionID: 'a' };
const config = { ...ids, props: { channelID: 'channel', av1Support: false, dcSignaling: false } };
const message = (type: RtcMessageType): RtcMessage => ({ ...ids, type, data: new Uint8Array(0) });

const relayPorts = {
  connect: () => Promise.reject(new Error('no server')),
  lookup: async () => [],
  clock: systemClock,
  random: seededBytes(2),
};

const ADVERTISING = { start: async () => {}, receive: () => false, candidates: [], close: () => {} };

/** An engine behind a border that only clones can cross, and the events that came across it. */
async function openEngine(metrics: Partial<RtcMetrics> = {}, parts: Partial<EngineParts> = {}) {
  const network = createSimulatedNetwork({ seed: 1 });
  const events: EngineEvent[] = [];
  const engine = await Engine.open(
    {
      certificate: createDtlsCertificate(),
      random: seededBytes(1),
      clock: systemClock,
      logger: silentLogger,
      metrics: { ...silentMetrics, ...metrics },
      nackBufferSize: 256,
      maxActiveVoices: 0,
      openIo: async (handlers) => network.open({ ...handlers, addresses: [{ address: '192.0.2.1', port: 8443 }] }),
      createRelays: (io) => new Relays({ ...relayPorts, servers: [], secret: undefined, io, logger: silentLogger }),
      advertising: ADVERTISING,
      ...parts,
    },
    (event) => events.push(structuredClone(event)),
  );
  return { engine, events, handle: (command: EngineCommand) => engine.handle(structuredClone(command)) };
}

it('accepts cloned commands, and reports refusals and ended sessions as events that can be cloned', async () => {
  const { engine, events, handle } = await openEngine();
  handle({ type: 'open_session', session: 1, config });
  expect(engine.summaries()).toMatchObject([ids]);
  handle({ type: 'message', session: 1, message: message(RtcMessageType.Mute) });
  expect(events).toEqual([]);
  handle({ type: 'message', session: 1, message: message(RtcMessageType.VoiceOn) });
  expect(events).toMatchObject([{ type: 'refused', session: 1, code: 'invalid_message' }]);
  handle({ type: 'close_session', session: 1, reason: 'left' });
  expect(events.slice(1)).toEqual([{ type: 'session_closed', session: 1, reason: 'left' }]);
  await engine.close();
});

it('reports a first offer that it cannot read as the end of its session and as a refusal', async () => {
  const { engine, events, handle } = await openEngine();
  handle({ type: 'open_session', session: 1, config });
  handle({ type: 'message', session: 1, message: message(RtcMessageType.SDP) });
  expect(events.map(({ type }) => type)).toEqual(['session_closed', 'refused']);
  expect(engine.summaries()).toEqual([]);
  await engine.close();
});

it('ignores commands for a session that has ended, and answers nothing about it', async () => {
  const { engine, events, handle } = await openEngine();
  handle({ type: 'open_session', session: 1, config });
  expect(structuredClone(engine.inspect(1))).toMatchObject(ids);
  handle({ type: 'close_session', session: 1, reason: 'left' });
  events.length = 0;
  handle({ type: 'resume', session: 1 });
  handle({ type: 'message', session: 1, message: message(RtcMessageType.VoiceOn) });
  handle({ type: 'close_session', session: 1, reason: 'left' });
  expect(events).toEqual([]);
  expect(engine.inspect(1)).toBeUndefined();
  expect(engine.startCapture(1)).toBeUndefined();
  await engine.close();
});

const fail = () => {
  throw new Error('a bug');
};

it.each<[string, Partial<RtcMetrics>]>([
  ['opens', { sessionOpened: fail }],
  ['opens and when it closes', { sessionOpened: fail, sessionClosed: fail }],
])('reports a session as ended that hits a bug when it %s, and others continue', async (_, metrics) => {
  const { engine, events, handle } = await openEngine(metrics);
  handle({ type: 'open_session', session: 1, config });
  expect(events).toEqual([{ type: 'session_closed', session: 1, reason: 'internal error' }]);
  expect(engine.callSummaries()).toEqual([]);
  await engine.close();
});

it('leaves nothing of a session behind that hits a bug when it closes', async () => {
  const { engine, events, handle } = await openEngine({ sessionClosed: fail });
  handle({ type: 'open_session', session: 1, config });
  handle({ type: 'close_session', session: 1, reason: 'left' });
  expect(events).toEqual([{ type: 'session_closed', session: 1, reason: 'left' }]);
  expect(engine.callSummaries()).toEqual([]);
  handle({ type: 'open_session', session: 2, config });
  expect(engine.summaries()).toMatchObject([ids]);
  await engine.close();
});

it.each<[string, Partial<EngineParts>]>([
  ['the relays', { createRelays: () => assert.fail('no relays') }],
  [
    'the advertised addresses',
    { advertising: { ...ADVERTISING, start: () => Promise.reject(new Error('no address')) } },
  ],
])('closes its sockets if it cannot start %s', async (_, parts) => {
  const network = createSimulatedNetwork({ seed: 1 });
  let isClosed = false;
  const openIo: EngineParts['openIo'] = async (handlers) => {
    const io = network.open({ ...handlers, addresses: [{ address: '192.0.2.1', port: 8443 }] });
    return {
      ...io,
      close: () => {
        isClosed = true;
        return io.close();
      },
    };
  };
  await expect(openEngine({}, { openIo, ...parts })).rejects.toThrow(/^no (relays|address)$/);
  expect(isClosed).toBe(true);
});
