import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { check, type Logger, silentLogger, validate } from '@rtcd/boundary';
import type { ThreadDiagnostics } from '@rtcd/boundary/diagnostics';
import { DEFAULT_MAX_BODY_BYTES } from './api-app.ts';
import { createDebugTools } from './debug-tools.ts';
import { ApiError } from './errors.ts';
import { prepareGracefulClose } from './graceful-close.ts';
import { type ApiHandlers, handlersCheck, type UpgradeHandler } from './handlers.ts';
import { createHttpServer, DEFAULT_TIMEOUTS, type HttpTimeouts } from './http-server.ts';
import { listen } from './listen.ts';
import { formatAddress, parseListenAddress } from './listen-address.ts';
import { answerBeforeRoutes } from './request-gate.ts';
import { textResponse } from './responses.ts';
import { createApp } from './routes/app.ts';
import { DEFAULT_SOURCE_LIMITS, type SourceLimits, Sources } from './sources.ts';
import { loadTlsIdentity, type TlsFiles } from './tls/identity.ts';
import { watchTlsIdentity } from './tls/reload.ts';
import { answerUnroutable } from './unroutable.ts';
import { routeUpgrades } from './upgrades.ts';

/** Options of `startApi`. Only `listenAddress` and `handlers` are required. */
export interface ApiOptions {
  /** `host:port`, `[IPv6]:port` or `:port`; port 0 takes any free one. */
  readonly listenAddress: string;
  readonly handlers: ApiHandlers;
  /** Takes the upgrade requests to `/ws`. Left out: they are refused. */
  readonly onUpgrade?: UpgradeHandler | undefined;
  /** Serves HTTPS (TLS 1.2 and up). Changed files are taken up while running. Left out: plain HTTP. */
  readonly tls?: TlsFiles | undefined;
  /** Lets clients register and unregister themselves. Default false. */
  readonly selfRegistration?: boolean | undefined;
  /** Enables the admin, and the debug routes that only the admin may use. Default false. */
  readonly admin?: boolean | undefined;
  /** Threads that the debug routes show besides the server's own, `main`: by their names in the parameter `thread`. */
  readonly debugThreads?: Readonly<Record<string, ThreadDiagnostics>> | undefined;
  readonly timeouts?: Partial<HttpTimeouts> | undefined;
  readonly sourceLimits?: Partial<SourceLimits> | undefined;
  /** Default 16,384. */
  readonly maxBodyBytes?: number | undefined;
  /** Interval for checking the TLS files. Default 10,000. */
  readonly tlsReloadIntervalMs?: number | undefined;
  readonly logger?: Logger | undefined;
}

const diagnosticsCheck = check.object<ThreadDiagnostics>({
  recordCpuProfile: check.func,
  takeHeapSnapshot: check.func,
  readEventLoopDelay: check.func,
});

const optionsCheck = check.object<ApiOptions>({
  listenAddress: check.string,
  handlers: handlersCheck,
  onUpgrade: check.optional(check.func),
  tls: check.optional(check.object<TlsFiles>({ certFile: check.nonEmptyString, keyFile: check.nonEmptyString })),
  selfRegistration: check.optional(check.boolean),
  admin: check.optional(check.boolean),
  debugThreads: check.optional(check.recordOf(diagnosticsCheck)),
  timeouts: check.optional(
    check.object<Partial<HttpTimeouts>>({
      readMs: check.optional(check.integer(1)),
      writeMs: check.optional(check.integer(1)),
      idleMs: check.optional(check.integer(1)),
    }),
  ),
  sourceLimits: check.optional(
    check.object<Partial<SourceLimits>>({
      maxConnections: check.optional(check.integer(1)),
      requestsPerSecond: check.optional(check.positiveNumber),
    }),
  ),
  maxBodyBytes: check.optional(check.integer(1)),
  tlsReloadIntervalMs: check.optional(check.positiveNumber),
  logger: check.optional(check.logger),
});

/** A running server. */
export interface Api {
  /** Address that the server is bound to. */
  readonly address: AddressInfo;
  /** A URL that reaches it from this machine. */
  readonly url: string;
  /** Accepts nothing more, lets requests end for at most 10 seconds, then cuts what is left. */
  close(): Promise<void>;
}

const DEFAULT_TLS_RELOAD_INTERVAL_MS = 10_000;
const CLOSE_LIMIT_MS = 10_000;

/** Starts the HTTP server. Rejects with an `ApiError` that names the address or file and the remedy. */
export async function startApi(options: ApiOptions): Promise<Api> {
  validate('options', options, optionsCheck, (message) => new ApiError('invalid_option', message));
  const { handlers, tls, selfRegistration = false, admin = false, logger = silentLogger } = options;
  const listenAddress = parseListenAddress(options.listenAddress);
  const identity = tls && (await loadTlsIdentity(tls));
  const debugTools = admin ? createDebugTools(options.debugThreads ?? {}) : undefined;
  const maxBodyBytes = options.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES;
  const app = createApp({ handlers, selfRegistration, admin, maxBodyBytes, debugTools, logger });

  const listener = getRequestListener(
    (request, env) => answerBeforeRoutes(request, env.incoming) ?? app.fetch(request, env),
    {
      overrideGlobalObjects: false,
      // The routes do not read it, but a URL needs one.
      hostname: 'localhost',
      errorHandler: () => textResponse('bad request: invalid request target or Host header', 400),
    },
  );
  const sources = new Sources({ ...DEFAULT_SOURCE_LIMITS, ...options.sourceLimits }, logger);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const { server, setIdentity } = createHttpServer(sources.inTurn(listener), identity, timeouts);
  sources.watch(server);
  answerUnroutable(server, logger);
  const cutUpgraded = routeUpgrades(server, options.onUpgrade && sources.upgradesInTurn(options.onUpgrade));
  const closeServer = prepareGracefulClose(server, CLOSE_LIMIT_MS, cutUpgraded);

  let address: AddressInfo;
  try {
    address = await listen(server, listenAddress);
  } catch (error) {
    debugTools?.close();
    throw error;
  }
  server.on('error', (error) => logger.error({ err: error }, 'HTTP server error'));
  const intervalMs = options.tlsReloadIntervalMs ?? DEFAULT_TLS_RELOAD_INTERVAL_MS;
  const stopWatching =
    tls && identity && watchTlsIdentity({ files: tls, current: identity, intervalMs, logger, onChange: setIdentity });

  return {
    address,
    url: `${tls ? 'https' : 'http'}://${reachableAddress(address)}`,
    close() {
      stopWatching?.();
      debugTools?.close();
      return closeServer();
    },
  };
}

/** An unspecified address is one to listen on, not to connect to. */
function reachableAddress({ address, port }: AddressInfo): string {
  const host = address === '::' || address === '0.0.0.0' ? 'localhost' : address;
  return formatAddress(host, port);
}
