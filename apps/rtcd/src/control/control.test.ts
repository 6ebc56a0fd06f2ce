import { EventEmitter } from 'node:events';
import { silentLogger, systemClock } from '@rtcd/boundary';
import { type ClientMessage, encodeClientMessage, RtcMessageType } from '@rtcd/protocol';
import type { WsConnection, WsServerEvents } from '@rtcd/ws/server';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { FakeSfu } from '../../test/fake-sfu.ts';
import { createWsMetrics } from '../metrics/ws-metrics.ts';
import { attachControl } from './control.ts';
import { createDraining } from './draining.ts';
import { ABANDONED_SESSION_US } from './work.ts';

const SESSION = { groupID: 'client', callID: 'call', userID: 'user', sessionID: 'session' };

/** Control with one connection of one client, which counts what it is charged. */
function attach() {
  const sfu = new FakeSfu();
  let chargedUs = 0;
  const connection: WsConnection = {
    connID: 'connection',
    clientID: 'client',
    remoteAddress: '127.0.0.1',
    queuedMessages: 0,
    queuedBytes: 0,
    charge: (workUs) => {
      chargedUs += workUs;
    },
    close: async () => {},
  };
  const connections = Object.assign(new EventEmitter<WsServerEvents>(), {
    send: () => {},
    connection: () => connection,
  });
  attachControl({
    connections,
    sfu,
    draining: createDraining(),
    maxSessionsPerClient: 10,
    metrics: createWsMetrics(new Registry()),
    clock: systemClock,
    logger: silentLogger,
  });
  const receive = (message: ClientMessage) => connections.emit('message', connection, encodeClientMessage(message));
  receive({ type: 'join', data: { ...SESSION, channelID: '', av1Support: false, dcSignaling: false } });
  return {
    receive,
    chargeOfItsEnd: () => {
      const before = chargedUs;
      sfu.endSession('client', 'session', 'it is over');
      return chargedUs - before;
    },
  };
}

it('charges a client for a session that ends before any description came for it', () => {
  expect(attach().chargeOfItsEnd()).toBe(ABANDONED_SESSION_US);
});

it('charges nothing for the end of a session that was described', () => {
  const { receive, chargeOfItsEnd } = attach();
  receive({ type: 'rtc', data: { ...SESSION, type: RtcMessageType.SDP, data: new Uint8Array(1) } });
  expect(chargeOfItsEnd()).toBe(0);
});
