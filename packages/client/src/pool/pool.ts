import { EventEmitter } from 'node:events';
import { type Logger, silentLogger, systemClock, type Timers, textOf } from '@rtcd/boundary';
import type { JoinData, RtcMessage, SessionConfig } from '@rtcd/protocol';
import { checkID, checkMessage } from '../arguments.ts';
import type { RtcdClient } from '../client.ts';
import type { CallOptions } from '../client-events.ts';
import { RtcdClientError } from '../errors.ts';
import { withDeadline } from '../waiting.ts';
import { CallTable } from './call-table.ts';
import { checkPoolConfig, type RtcdClientPoolConfig } from './config.ts';
import type { PoolHost } from './host.ts';
import { HostSet } from './host-set.ts';
import { chooseHost, type HostLoad } from './placement.ts';
import type { HostChange, HostInfo, RtcdClientPoolEvents } from './pool-events.ts';

/**
 * Many rtcd hosts behind one name: a client for each address, calls placed on the least loaded host, where they stay.
 * A host that leaves DNS keeps its calls until the last one ends.
 */
export class RtcdClientPool extends EventEmitter<RtcdClientPoolEvents> {
  readonly #config: RtcdClientPoolConfig;
  readonly #clock: Timers;
  readonly #logger: Logger;
  readonly #hosts: HostSet;
  readonly #calls = new CallTable();
  /** Calls being placed, so that two concurrent requests get the same host. */
  readonly #placing = new Map<string, Promise<string>>();
  readonly #lifetime = new AbortController();
  #refreshTimer: unknown;
  #phase: 'idle' | 'started' | 'closed' = 'idle';

  /** Throws `RtcdClientError` `invalid_option`. */
  constructor(config: RtcdClientPoolConfig) {
    super();
    checkPoolConfig(config);
    this.#config = config;
    this.#clock = config.clock ?? systemClock;
    this.#logger = config.logger ?? silentLogger;
    this.#hosts = new HostSet(config, {
      callsOn: (address) => this.#calls.callsOn(address),
      onChange: (address, change) => this.#onHostChange(address, change),
      onRtc: (message, address) => this.emit('rtc', message, address),
      onVad: (message, address) => this.emit('vad', message, address),
      onSessionClosed: (sessionID, address) => this.#onSessionClosed(sessionID, address),
      onError: (error, address) => this.#report(error, address),
    });
  }

  /** Connects to all addresses; done when every one has answered or failed. Rejects if none could be connected: the pool is closed then. */
  async start(): Promise<void> {
    if (this.#phase !== 'idle') throw new RtcdClientError('already_connected', 'the pool is already started');
    this.#phase = 'started';
    const failures = await this.#hosts.refresh();
    this.#checkOpen();
    if (this.#hosts.available.length === 0) {
      await this.close();
      const cause = failures.length > 1 ? new AggregateError(failures, 'could not connect to any host') : failures[0];
      throw new RtcdClientError('no_host', `no host available: ${textOf(failures[0])}`, { cause });
    }
    this.#scheduleRefresh();
  }

  /** The hosts there are now, flagged ones included. */
  get hosts(): readonly HostInfo[] {
    return [...this.#hosts].map(({ address, flagged, client }) => {
      return { address, flagged, phase: client.phase, calls: this.#calls.callsOn(address) };
    });
  }

  /**
   * Returns the host of a call: on the one given (where another node has placed it, say), on the least loaded if the call
   * is new. It stays there until its last session ends or `endCall`. Rejects with a RtcdClientError `no_host`.
   */
  async placeCall(callID: string, options: { readonly address?: string } = {}): Promise<string> {
    this.#checkOpen();
    checkID('callID', callID);
    const address = this.#calls.hostOf(callID) ?? options.address;
    if (address !== undefined) {
      this.#calls.place(callID, address);
      await (this.#hosts.get(address) ?? this.#hosts.add(address)).connect();
      return address;
    }
    const placing = this.#placing.get(callID) ?? this.#placeNewCall(callID);
    this.#placing.set(callID, placing);
    try {
      return await placing;
    } finally {
      this.#placing.delete(callID);
    }
  }

  /** Adds a session to a call, which is placed if it is new. Resolves with the host's address. Rejects as `placeCall` and `send` do. */
  async join(data: JoinData): Promise<string> {
    checkMessage({ type: 'join', data });
    const address = await this.placeCall(data.callID);
    this.#checkOpen();
    this.#clientAt(address).join(data);
    this.#calls.place(data.callID, address);
    this.#calls.join(data.callID, data.sessionID);
    return address;
  }

  /** Ends a session. Throws `RtcdClientError` `unknown_call`, or as a client's `send`. */
  leave(sessionID: string): void {
    checkID('sessionID', sessionID);
    const callID = this.#calls.callOf(sessionID);
    if (callID === undefined) throw new RtcdClientError('unknown_call', 'no session with this ID has joined');
    const address = this.#addressOf(callID);
    this.#clientAt(address).leave(sessionID);
    this.#forgetSession(sessionID, address);
  }

  /** Passes on what a session's user sent. Throws `RtcdClientError` `unknown_call`, or as a client's `send`. */
  sendRtc(message: RtcMessage): void {
    checkMessage({ type: 'rtc', data: message });
    const callID = this.#calls.callOf(message.sessionID) ?? message.callID;
    this.#clientAt(this.#addressOf(callID)).sendRtc(message);
  }

  /** Ends what is left of a call; unknown calls are over already. */
  endCall(callID: string): void {
    const address = this.#calls.hostOf(callID);
    if (address === undefined) return;
    const client = this.#hosts.get(address)?.client;
    for (const sessionID of this.#calls.sessionsOf(callID)) {
      if (client?.phase === 'connected') client.leave(sessionID);
    }
    this.#calls.end(callID);
    this.#hosts.removeIfDone(address);
  }

  /** All sessions of a call, as its host reports them. Rejects with a RtcdClientError. */
  async getSessions(callID: string, options: CallOptions = {}): Promise<readonly SessionConfig[]> {
    checkID('callID', callID);
    return this.#clientAt(this.#addressOf(callID)).getSessions(callID, options);
  }

  /** Closes every client after what it has queued. Sessions live on in rtcd. Idempotent. */
  async close(): Promise<void> {
    this.#phase = 'closed';
    this.#lifetime.abort(poolClosed());
    this.#clock.clearTimer(this.#refreshTimer);
    await this.#hosts.close();
  }

  #scheduleRefresh(): void {
    this.#refreshTimer = this.#clock.setTimer(async () => {
      await this.#hosts.refresh();
      if (this.#phase === 'started') this.#scheduleRefresh();
    }, this.#config.resolveIntervalMs ?? 10_000);
  }

  async #placeNewCall(callID: string): Promise<string> {
    const loads = await Promise.all(this.#hosts.available.map((host) => this.#load(host)));
    this.#checkOpen();
    const stillAvailable = loads.filter(({ address }) => this.#hosts.get(address)?.canTakeCalls);
    const address = chooseHost(stillAvailable, this.#config.random ?? Math.random);
    if (address === undefined) throw new RtcdClientError('no_host', 'no host available');
    this.#calls.place(callID, address);
    return address;
  }

  async #load({ address, client }: PoolHost): Promise<HostLoad> {
    const { loadTimeoutMs = 2000 } = this.#config;
    const ask = (signal: AbortSignal) => client.getSystemInfo({ signal });
    try {
      const { cpuLoad } = await withDeadline(this.#clock, loadTimeoutMs, this.#lifetime.signal, ask);
      return { address, cpuLoad };
    } catch (error) {
      this.#report(error as RtcdClientError, address);
      return { address };
    }
  }

  #onHostChange(address: string, change: HostChange): void {
    this.#logger.info({ rtcdHost: address, change }, 'rtcd host changed');
    this.emit('host', { address, change });
    if (change !== 'removed') return;
    for (const callID of this.#calls.callsOn(address)) {
      const sessionIDs = this.#calls.sessionsOf(callID);
      this.#calls.end(callID);
      this.emit('callLost', { callID, sessionIDs, address });
    }
  }

  /** A host speaks only about calls that are on it. */
  #onSessionClosed(sessionID: string, address: string): void {
    const callID = this.#calls.callOf(sessionID);
    if (callID === undefined || this.#calls.hostOf(callID) !== address) return;
    this.emit('sessionClosed', { sessionID, callID, address });
    this.#forgetSession(sessionID, address);
  }

  #forgetSession(sessionID: string, address: string): void {
    const endedCall = this.#calls.leave(sessionID);
    if (endedCall !== undefined) this.#hosts.removeIfDone(address);
  }

  #addressOf(callID: string): string {
    const address = this.#calls.hostOf(callID);
    if (address === undefined) throw new RtcdClientError('unknown_call', 'the call has no host yet');
    return address;
  }

  #clientAt(address: string): RtcdClient {
    const host = this.#hosts.get(address);
    if (host === undefined) throw new RtcdClientError('not_connected', `no client for host ${address}`);
    return host.client;
  }

  #checkOpen(): void {
    if (this.#phase === 'closed') throw poolClosed();
  }

  #report(error: RtcdClientError, address: string | undefined): void {
    if (this.#phase === 'closed') return;
    if (this.listenerCount('error') > 0) this.emit('error', error, address);
    else this.#logger.error({ err: error, rtcdHost: address }, 'rtcd client error');
  }
}

function poolClosed(): RtcdClientError {
  return new RtcdClientError('closed', 'the pool is closed');
}
