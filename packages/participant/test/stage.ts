import { RtcdClient } from '@rtcd/client';
import { newID } from '@rtcd/protocol';
import { startRtcd } from 'rtcd/testing';
import { onTestFinished } from 'vitest';
import { type JoinCallOptions, joinCall, rtcdSignaling, type Signaling } from '../src/index.ts';

/** The composed service, with a connected client. All ends with the test. */
export async function startService(clientID = 'installation', authKey = 'a'.repeat(32)) {
  const rtcd = await startRtcd();
  const client = new RtcdClient({
    url: rtcd.url,
    clientID,
    authKey,
    registerOnDemand: true,
    reconnectIntervalMs: 20,
  });
  onTestFinished(async () => {
    await client.close();
    await rtcd.close();
  });
  await client.connect();
  return { rtcd, client, signaling: rtcdSignaling(client) };
}

/** Joins sessions to one call over loopback. They leave with the test. */
export function callOf(signaling: Signaling, options: Partial<JoinCallOptions> = {}) {
  const callID = newID();
  return async (sessionID: string) => {
    const call = await joinCall({ signaling, callID, sessionID, addresses: ['127.0.0.1'], ...options });
    onTestFinished(() => call.leave());
    return call;
  };
}

/** A packet of 20 ms that can be told from others. No decoder takes it. */
export const markedPacket = (number: number): Uint8Array =>
  Uint8Array.of(0xf8, number >> 8, number & 0xff, ...Array.from({ length: 57 }, (_, index) => (number + index) & 0xff));
