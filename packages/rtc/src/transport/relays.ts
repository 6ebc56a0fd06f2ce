import { isIP } from 'node:net';
import type { PacketIo } from '@rtcd/packet-io';
import type { Logger } from '../ports.ts';
import {
  addTurnStats,
  NO_TURN_STATS,
  type TurnAllocation,
  type TurnFailure,
  type TurnStats,
} from '../turn/client-owner.ts';
import type { TurnUrl } from '../turn/turn-url.ts';
import { Relay, type RelayPorts } from './relay.ts';
import { chooseTurnServers, type TurnSecret, type TurnServer, type TurnServerChoice } from './turn-server.ts';

export interface RelaysOptions extends RelayPorts {
  readonly servers: readonly TurnServer[];
  readonly secret: TurnSecret | undefined;
  readonly io: Pick<PacketIo, 'openRelay'>;
  readonly logger: Logger;
}

/** Longest time that the start waits for allocations, as it does for STUN. */
const START_LIMIT_MS = 5_000;
/** Time for one URL: over UDP, for four requests. */
const ATTEMPT_LIMIT_MS = 4_000;
/** Waits before a server is tried again grow from the first to the last of these. */
const MIN_RETRY_MS = 5_000;
const MAX_RETRY_MS = 300_000;

/** Allocations on TURN servers, one on each, which all sessions share. A server that fails is tried again, with growing waits. */
export class Relays {
  readonly #options: RelaysOptions;
  readonly #servers: readonly Server[];

  constructor(options: RelaysOptions) {
    this.#options = options;
    const { choices, leftOut } = chooseTurnServers(options.servers, options.secret);
    for (const { url, reason } of leftOut) options.logger.warn({ url, reason }, 'TURN server left out');
    this.#servers = choices.map((choice) => new Server(choice, options));
  }

  /** Resolves when each server has answered, or after 5 s. Attempts continue in the background. */
  async open(): Promise<void> {
    if (this.#servers.length === 0) return;
    const { clock } = this.#options;
    const { promise: limit, resolve } = Promise.withResolvers<void>();
    const timer = clock.setTimer(resolve, START_LIMIT_MS);
    for (const server of this.#servers) server.open();
    await Promise.race([limit, Promise.all(this.#servers.map(({ answered }) => answered))]);
    clock.clearTimer(timer);
  }

  /** Allocations that there are now. */
  get allocations(): readonly TurnAllocation[] {
    return this.#servers.flatMap(({ allocation }) => (allocation ? [allocation] : []));
  }

  /** Lets datagrams from an IP address of a peer through, for five minutes, and longer while they come. Anything else than an IP address is ignored. */
  permit(address: string): void {
    const family = isIP(address);
    if (family === 0) return;
    for (const server of this.#servers) server.permit(address, family);
  }

  /** Totals of what was dropped, over all attempts. */
  get stats(): TurnStats {
    return this.#servers.map(({ stats }) => stats).reduce(addTurnStats, NO_TURN_STATS);
  }

  /** Gives all allocations back. */
  close(): void {
    for (const server of this.#servers) server.close();
  }
}

/** One server: its URLs are tried in order until one gives an allocation, and again when that is lost. */
class Server {
  readonly answered: Promise<void>;
  allocation: TurnAllocation | undefined;
  readonly #choice: TurnServerChoice;
  readonly #options: RelaysOptions;
  readonly #onAnswered: () => void;
  #relay: Relay | undefined;
  #past = NO_TURN_STATS;
  #timer: unknown;
  #retryMs = MIN_RETRY_MS;
  #isClosed = false;

  constructor(choice: TurnServerChoice, options: RelaysOptions) {
    this.#choice = choice;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.answered = promise;
    this.#onAnswered = resolve;
  }

  get stats(): TurnStats {
    return this.#relay ? addTurnStats(this.#past, this.#relay.stats) : this.#past;
  }

  open(): void {
    this.#try(this.#choice.urls);
  }

  permit(address: string, family: number): void {
    if (this.allocation && isIP(this.allocation.relayed.address) === family) this.#relay?.permit(address);
  }

  close(): void {
    this.#isClosed = true;
    this.#options.clock.clearTimer(this.#timer);
    this.#endRelay();
    this.#onAnswered();
  }

  /** Tries the first of the URLs, then the others, then all of them again later. */
  #try([url, ...others]: readonly TurnUrl[]): void {
    const { clock } = this.#options;
    if (url === undefined) return this.#tryLater();
    const next = (failure: TurnFailure): void => {
      this.#options.logger.warn({ url: url.url, ...failure, ...adviceOn(failure) }, 'relay not allocated');
      this.#endRelay();
      if (!this.#isClosed) this.#try(others);
    };
    const relay = new Relay(url, this.#options, {
      onAllocated: (allocation) => this.#allocated(relay, allocation),
      onFailed: (failure) => {
        clock.clearTimer(this.#timer);
        if (this.allocation === undefined) next(failure);
        else this.#lost(url, failure);
      },
    });
    this.#relay = relay;
    this.#timer = clock.setTimer(() => next({ reason: 'no response' }), ATTEMPT_LIMIT_MS);
    void relay.open(this.#choice.credentials(clock.unixMs()));
  }

  #allocated(relay: Relay, allocation: TurnAllocation): void {
    const { clock, io, logger } = this.#options;
    clock.clearTimer(this.#timer);
    relay.attach(io, allocation);
    this.allocation = allocation;
    this.#retryMs = MIN_RETRY_MS;
    const { address, port } = allocation.relayed;
    logger.info({ url: relay.url.url, address, port }, 'relay allocated');
    this.#onAnswered();
  }

  /** Peers on paths over it try others. */
  #lost(url: TurnUrl, failure: TurnFailure): void {
    this.#options.logger.warn({ url: url.url, ...failure }, 'relay lost');
    this.#endRelay();
    this.#tryLater();
  }

  #tryLater(): void {
    this.#onAnswered();
    if (this.#isClosed) return;
    this.#timer = this.#options.clock.setTimer(() => this.#try(this.#choice.urls), this.#retryMs);
    this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
  }

  #endRelay(): void {
    this.allocation = undefined;
    if (this.#relay === undefined) return;
    this.#relay.close();
    this.#past = addTurnStats(this.#past, this.#relay.stats);
    this.#relay = undefined;
  }
}

/** Most likely remedies. */
function adviceOn({ code, isUntrusted }: TurnFailure): { readonly advice?: string } {
  if (isUntrusted) {
    return {
      advice:
        'use a name that the certificate is for, renew it, or name the file of a private CA in NODE_EXTRA_CA_CERTS',
    };
  }
  if (code === 401)
    return { advice: 'check rtc.turn.static_auth_secret, or username and credential of the server, and both clocks' };
  if (code === 403 || code === 486) return { advice: 'check the quotas and permissions of the TURN server' };
  return {};
}
