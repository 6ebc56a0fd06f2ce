import { randomBytes } from 'node:crypto';
import { RtcdClient } from '@rtcd/client';
import { newID } from '@rtcd/protocol';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser, openContext } from '../src/browser.ts';
import { DataChannelPeer } from '../src/data-channel-peer.ts';
import { untilHears } from '../src/hearing.ts';
import { type RunningRtcd, runRtcd } from '../src/running-demo.ts';
import { until } from '../src/until.ts';

let browser: Browser;
let rtcd: RunningRtcd;
let client: RtcdClient;

beforeAll(async () => {
  [browser, rtcd] = await Promise.all([launchBrowser(), runRtcd()]);
  const authKey = randomBytes(32).toString('base64url');
  client = new RtcdClient({ url: rtcd.url, clientID: 'e2e', authKey, registerOnDemand: true });
  await client.connect();
});

afterAll(async () => {
  await browser?.close();
  await client?.close();
  await rtcd?.close();
});

describe('signaling over the data channel', () => {
  it('carries voices both ways, names their senders, and answers pings', async () => {
    const context = await openContext(browser);
    const callID = newID();
    const ada = await DataChannelPeer.join(context, client, callID);
    const grace = await DataChannelPeer.join(context, client, callID);
    await ada.send({ type: 'ping' });
    await ada.next('pong');

    await ada.publish();
    await untilHears(grace.page, [ada.sessionID]);
    await grace.publish();
    await untilHears(ada.page, [grace.sessionID]);

    expect(Object.values(grace.mediaMap)).toEqual([{ type: 'voice', senderID: ada.sessionID }]);
    expect(Object.values(ada.mediaMap)).toEqual([{ type: 'voice', senderID: grace.sessionID }]);

    await grace.leave();
    await until(
      'Ada is told that Grace is gone',
      async () => Object.keys(ada.mediaMap),
      (mids) => mids.length === 0,
    );
    await ada.leave();
  });

  it('continues when the section that carries the bundle is stopped, and places new ones after it', async () => {
    const context = await openContext(browser);
    const callID = newID();
    const ada = await DataChannelPeer.join(context, client, callID, { microphoneFirst: true });
    const grace = await DataChannelPeer.join(context, client, callID);
    await untilHears(grace.page, [ada.sessionID]);

    await ada.stopSending();
    await ada.send({ type: 'ping' });
    await ada.next('pong');
    await grace.publish();
    await untilHears(ada.page, [grace.sessionID]);
    await ada.publish();
    await untilHears(grace.page, [ada.sessionID]);
    await ada.leave();
    await grace.leave();
  });
});
