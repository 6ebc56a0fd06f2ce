import { textOf } from '@rtcd/boundary';
import { RtcdClient } from '@rtcd/client';
import type { ClientMessage } from '@rtcd/protocol';
import type { ServiceLink } from './call-relay.ts';
import type { LoadedCredentials } from './credentials.ts';
import { DemoError } from './errors.ts';
import { createInspector } from './inspection.ts';

/** Events of the link, for its owner. */
export interface RtcdLinkOwner {
  onMessage(message: ClientMessage): void;
  /** The connection was restored or lost. */
  onChange(): void;
  /** One line about what went wrong. */
  log(line: string): void;
}

/** The connection to rtcd, as the relay sees it and as the server ends it. */
export interface RtcdLink extends ServiceLink {
  close(): Promise<void>;
}

export interface RtcdLinkOptions extends LoadedCredentials {
  readonly url: string;
  /** Secret key of rtcd's admin. Without it, sessions cannot be inspected. */
  readonly adminSecret?: string | undefined;
}

/** Connects to the rtcd at `url`, and registers new credentials or those that it has forgotten. Throws `DemoError`. */
export async function connectToRtcd(
  { url, clientID, authKey, isNew, adminSecret }: RtcdLinkOptions,
  owner: RtcdLinkOwner,
): Promise<RtcdLink> {
  const client = new RtcdClient({ url, clientID, authKey, registerOnDemand: true });
  client.on('error', ({ message }) => owner.log(message));
  try {
    if (isNew) await client.register();
    await client.connect();
  } catch (cause) {
    await client.close();
    throw new DemoError('rtcd_unreachable', `cannot use rtcd at ${url}: ${textOf(cause)}`, { cause });
  }
  const inspect = adminSecret === undefined ? undefined : createInspector({ rtcdURL: url, adminSecret });
  client.on('message', (message) => owner.onMessage(message));
  client.on('connected', () => owner.onChange());
  client.on('disconnected', ({ message }) => {
    owner.log(`rtcd: ${message}`);
    owner.onChange();
  });
  return {
    clientID,
    get connected() {
      return client.phase === 'connected';
    },
    send: (message) => {
      try {
        client.send(message);
      } catch (error) {
        owner.log(`a message of type ${message.type} did not reach rtcd: ${textOf(error)}`);
      }
    },
    inspect: async (sessionID) => inspect?.(clientID, sessionID),
    close: () => client.close(),
  };
}
