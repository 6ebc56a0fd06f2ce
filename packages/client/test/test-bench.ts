import { RtcdClient, type RtcdClientConfig, type RtcdClientEvents } from '@rtcd/client';
import { type FakeRtcd, type FakeRtcdOptions, startFakeRtcd } from '@rtcd/client/testing';
import { onTestFinished } from 'vitest';

export const CREDENTIALS = { clientID: 'clientA', authKey: 'a'.repeat(32) } as const;

/** A fake rtcd that knows `CREDENTIALS`, closed when the test ends. */
export async function startRtcd(options: FakeRtcdOptions = {}): Promise<FakeRtcd> {
  const rtcd = await startFakeRtcd({ clients: { [CREDENTIALS.clientID]: CREDENTIALS.authKey }, ...options });
  onTestFinished(() => rtcd.close());
  return rtcd;
}

/** A client with `CREDENTIALS`, closed when the test ends. */
export function newClient(config: RtcdClientConfig): RtcdClient {
  const client = new RtcdClient({ ...CREDENTIALS, ...config });
  onTestFinished(() => client.close());
  return client;
}

/** The next event of that name. Unlike `once` of node:events it does not mind errors. */
export function next<Name extends keyof RtcdClientEvents>(
  client: RtcdClient,
  name: Name,
): Promise<RtcdClientEvents[Name]> {
  const { promise, resolve } = Promise.withResolvers<RtcdClientEvents[Name]>();
  (client as NodeJS.EventEmitter).once(name, (...args: unknown[]) => resolve(args as RtcdClientEvents[Name]));
  return promise;
}
