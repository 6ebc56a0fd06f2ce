import { startApi } from '@rtcd/api';
import { type AuthOptions, createAuth, type KeyValueStore } from '@rtcd/auth';
import { type Logger, type MonotonicTimers, systemClock } from '@rtcd/boundary';
import { defaultPlane } from '@rtcd/packet-io';
import { openSfuThread } from '@rtcd/rtc';
import { openLmdbStore } from '@rtcd/store';
import { createWsServer } from '@rtcd/ws/server';
import { createApiHandlers } from './api-handlers.ts';
import type { Config } from './config/settings.ts';
import { attachControl } from './control/control.ts';
import { createDraining, waitForLastSession } from './control/draining.ts';
import { workLimits } from './control/work.ts';
import { createMetrics } from './metrics/metrics.ts';
import { processMetrics } from './metrics/process-metrics.ts';
import type { ServiceAddresses } from './service-addresses.ts';
import { type OpenSfu, type SfuLike, sfuOptions } from './sfu.ts';
import { logStart } from './start-log.ts';
import { watchSystemLoad } from './system-load/system-load.ts';
import { createUpgradeAuthentication } from './upgrade-authentication.ts';
import { readVersion } from './version.ts';

/** A store that the service closes when it ends. */
export type ClosableStore = KeyValueStore & {
  /** Called once, after everything that uses the store has closed. */
  close(): Promise<void>;
};

/** Options of the service besides its configuration. Only `logger` is required. */
export interface ServiceOptions {
  readonly logger: Logger;
  /** In place of the lmdb store in `store.data_source`. */
  readonly openStore?: (() => Promise<ClosableStore>) | undefined;
  /** In place of `@rtcd/rtc`. */
  readonly openSfu?: OpenSfu | undefined;
  /** Cost and rate of hash work. The defaults are the contract's. */
  readonly auth?: Pick<AuthOptions, 'hashCost' | 'throttle'> | undefined;
  /** Time of WebSockets, logins, and metrics. Default: the system's. */
  readonly clock?: MonotonicTimers | undefined;
}

/** The media service. */
export interface Service {
  /** Opens everything. Rejects with an error that names what cannot be had; close then, too. */
  start(): Promise<ServiceAddresses>;
  /** Refuses new calls from here on. Resolves with the last session's end, or after `rtc.drain_timeout_minutes`. */
  drain(): Promise<void>;
  /** Ends everything at once; clients get `close` for each of their sessions. */
  close(): Promise<void>;
}

interface Closable {
  close(): unknown;
}

/** Our own listeners have failed: the error has been logged, and counts as one that no code has handled. */
const countListenerError = () => processMetrics().unhandledError('exception');

/** Puts all packages together. */
export function createService(config: Config, options: ServiceOptions): Service {
  const { logger, openSfu = openSfuThread, clock = systemClock } = options;
  const { http, security, limits } = config.api;
  const openStore = options.openStore ?? (() => openLmdbStore({ path: config.store.data_source }));
  const draining = createDraining();
  const parts: { store?: Closable; systemLoad?: Closable; sfu?: SfuLike; connections?: Closable; api?: Closable } = {};
  let closing: Promise<void> | undefined;

  async function start(): Promise<ServiceAddresses> {
    const { plane, problem } = defaultPlane();
    if (problem) logger.warn({ reason: problem }, 'native packet plane not loaded');
    const version = { ...readVersion(), packetPlane: plane };
    const store = await openStore();
    parts.store = store;
    const auth = createAuth({
      store,
      sessionExpirationMinutes: security.session_cache.expiration_minutes,
      adminSecretKey: security.enable_admin ? security.admin_secret_key : undefined,
      ...options.auth,
      clock,
      logger,
    });

    const metrics = createMetrics(clock);
    const systemLoad = watchSystemLoad();
    parts.systemLoad = systemLoad;

    const sfu = await openSfu({ ...sfuOptions(config), logger, metrics: metrics.rtc });
    parts.sfu = sfu;
    metrics.addTotals(() => sfu.stats());
    const connections = createWsServer({
      authenticate: createUpgradeAuthentication(auth),
      limits: {
        maxConnectionsPerClient: limits.connections_per_client,
        ...workLimits(limits.cpu_percent_per_client),
      },
      clock,
      logger,
    });
    parts.connections = connections;
    sfu.on('listenerError', countListenerError);
    connections.on('listenerError', countListenerError);
    const maxSessionsPerClient = limits.sessions_per_client;
    attachControl({ connections, sfu, draining, maxSessionsPerClient, metrics: metrics.ws, clock, logger });

    const api = await startApi({
      listenAddress: http.listen_address,
      tls: http.tls.enable ? { certFile: http.tls.cert_file, keyFile: http.tls.cert_key } : undefined,
      selfRegistration: security.allow_self_registration,
      admin: security.enable_admin,
      debugThreads: sfu.diagnostics && { media: sfu.diagnostics },
      handlers: createApiHandlers({ auth, sfu, draining, metrics, systemLoad, version }),
      sourceLimits: { maxConnections: limits.connections_per_address },
      onUpgrade: (request, socket, head) => connections.handleUpgrade(request, socket, head),
      logger,
    });
    parts.api = api;

    const addresses = { http: api.address, url: api.url, media: sfu.localAddresses, candidates: sfu.candidates };
    logStart(logger, config, version, addresses);
    return addresses;
  }

  async function drain(): Promise<void> {
    draining.begin();
    if (parts.sfu !== undefined) {
      logger.info({ sessions: parts.sfu.sessionCount }, 'drain started: new calls refused');
      const isEmpty = await waitForLastSession(parts.sfu, config.rtc.drain_timeout_minutes * 60_000);
      logger.info({}, isEmpty ? 'drain finished: last session ended' : 'drain timed out: remaining sessions ended');
    }
  }

  async function closeParts(): Promise<void> {
    draining.begin();
    // Sessions first, so that their clients can still be informed; the store last, for pending requests.
    for (const part of [parts.sfu, parts.connections, parts.api, parts.systemLoad, parts.store]) await part?.close();
    logger.info({}, 'rtcd stopped');
  }

  return {
    start,
    drain,
    close: () => {
      closing ??= closeParts();
      return closing;
    },
  };
}
