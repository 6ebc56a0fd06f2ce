import { textOf } from '@rtcd/boundary';
import type { RtcMessage } from '@rtcd/protocol';
import { RtcdClientError } from '../errors.ts';
import { addressesOf, clientConfigFor, type RtcdClientPoolConfig } from './config.ts';
import { PoolHost } from './host.ts';
import { planHosts } from './placement.ts';
import type { HostChange } from './pool-events.ts';

/** Callbacks of the hosts to their pool. */
export interface HostSetOwner {
  callsOn(address: string): readonly string[];
  onChange(address: string, change: HostChange): void;
  onRtc(message: RtcMessage, address: string): void;
  onVad(message: RtcMessage, address: string): void;
  onSessionClosed(sessionID: string, address: string): void;
  onError(error: RtcdClientError, address: string | undefined): void;
}

/** The hosts behind one name, as DNS has them plus those that still have calls. */
export class HostSet implements Iterable<PoolHost> {
  readonly #config: RtcdClientPoolConfig;
  readonly #owner: HostSetOwner;
  readonly #resolve: () => Promise<readonly string[]>;
  readonly #hosts = new Map<string, PoolHost>();
  #isClosed = false;

  /** Throws `RtcdClientError` `invalid_option`. */
  constructor(config: RtcdClientPoolConfig, owner: HostSetOwner) {
    this.#config = config;
    this.#owner = owner;
    this.#resolve = addressesOf(config);
  }

  [Symbol.iterator](): Iterator<PoolHost> {
    return this.#hosts.values();
  }

  get(address: string): PoolHost | undefined {
    return this.#hosts.get(address);
  }

  /** Those that may be given a new call. */
  get available(): readonly PoolHost[] {
    return [...this].filter(({ canTakeCalls }) => canTakeCalls);
  }

  /**
   * Looks at DNS and follows it, then connects what is not connected. If DNS does not answer, everything stays. Resolves with
   * what went wrong, which the owner hears, too.
   */
  async refresh(): Promise<readonly RtcdClientError[]> {
    const resolved = await this.#resolveAddresses();
    if (this.#isClosed) return [];
    if (resolved instanceof RtcdClientError) this.#owner.onError(resolved, undefined);
    else this.#follow(resolved);
    const connects = await Promise.all([...this].map((host) => host.connect()));
    return [resolved, ...connects].filter((result) => result instanceof RtcdClientError);
  }

  /** Makes a client for an address. */
  add(address: string): PoolHost {
    const { onReconnect, maxReconnectAttempts = 8 } = this.#config;
    const config = clientConfigFor(address, this.#config, async (attempt) => {
      if (host.flagged && attempt >= maxReconnectAttempts) throw new Error('host was removed');
      await onReconnect?.(attempt, address);
    });
    const owner = this.#owner;
    const host: PoolHost = new PoolHost(address, config, {
      onConnected: () => owner.onChange(address, 'connected'),
      onDisconnected: () => owner.onChange(address, 'disconnected'),
      onRtc: (message) => owner.onRtc(message, address),
      onVad: (message) => owner.onVad(message, address),
      onSessionClosed: (sessionID) => owner.onSessionClosed(sessionID, address),
      onError: (error) => owner.onError(error, address),
      onGone: () => this.#remove(address),
    });
    this.#hosts.set(address, host);
    owner.onChange(address, 'added');
    return host;
  }

  /** A call on this host has ended: if the host has left DNS and this was its last one, so does its client. */
  removeIfDone(address: string): void {
    if (this.#hosts.get(address)?.flagged && this.#owner.callsOn(address).length === 0) this.#remove(address);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this].map(({ client }) => client.close()));
    this.#hosts.clear();
  }

  async #resolveAddresses(): Promise<readonly string[] | RtcdClientError> {
    try {
      const addresses = await this.#resolve();
      if (addresses.length === 0) throw new Error('no addresses');
      return addresses;
    } catch (cause) {
      return new RtcdClientError('resolve_failed', `failed to resolve URL: ${textOf(cause)}`, { cause });
    }
  }

  #follow(resolved: readonly string[]): void {
    const known = [...this].map(({ address, flagged }) => {
      return { address, flagged, calls: this.#owner.callsOn(address).length };
    });
    const { add, flag, unflag, remove } = planHosts(known, resolved);
    for (const address of add) this.add(address);
    for (const address of flag) this.#setFlagged(address, true);
    for (const address of unflag) this.#setFlagged(address, false);
    for (const address of remove) this.#remove(address);
  }

  #setFlagged(address: string, flagged: boolean): void {
    const host = this.#hosts.get(address);
    if (host === undefined) return;
    host.flagged = flagged;
    this.#owner.onChange(address, flagged ? 'flagged' : 'unflagged');
  }

  /** Its client sends what is queued before it closes. */
  #remove(address: string): void {
    const host = this.#hosts.get(address);
    if (host === undefined || this.#isClosed) return;
    this.#hosts.delete(address);
    host.client.close();
    this.#owner.onChange(address, 'removed');
  }
}
