import { setTimeout as wait } from 'node:timers/promises';
import { ApiError, type ApiHandlers, type RequestErrorCode, type VersionInfo } from '@rtcd/api';
import { type Auth, AuthError, type AuthErrorCode } from '@rtcd/auth';
import { sessionConfigToJSON } from '@rtcd/protocol';
import { RtcError, type RtcErrorCode } from '@rtcd/rtc';
import type { Draining } from './control/draining.ts';
import type { Metrics } from './metrics/metrics.ts';
import type { SfuLike } from './sfu.ts';
import { DRAINING_CPU_LOAD, type SystemLoad } from './system-load/system-load.ts';

export interface ApiHandlersOptions {
  readonly auth: Auth;
  readonly sfu: SfuLike;
  readonly draining: Draining;
  readonly metrics: Metrics;
  readonly systemLoad: SystemLoad;
  readonly version: VersionInfo;
}

/** Creates the handlers of the HTTP API. */
export function createApiHandlers(options: ApiHandlersOptions): ApiHandlers {
  const { auth, sfu, draining, metrics, systemLoad, version } = options;
  return {
    version: () => version,
    // A client places new calls where the load is lowest: not here any more.
    system: () => ({ cpuLoad: draining.hasBegun ? DRAINING_CPU_LOAD : systemLoad.cpuLoad() }),
    metrics: () => metrics.scrape(),
    unreadyReason: () => (draining.hasBegun ? 'draining' : sfu.isReady ? undefined : 'media engine not running'),
    authenticate: (authorization, source) => withApiErrors(CALLER_CODES, auth.authorize(authorization, source)),
    register: ({ clientID, authKey }, source) => withApiErrors(REQUEST_CODES, auth.register(clientID, authKey, source)),
    unregister: (clientID) => withApiErrors(REQUEST_CODES, auth.unregister(clientID)),
    login: ({ clientID, authKey }, source) => withApiErrors(REQUEST_CODES, auth.login(clientID, authKey, source)),

    callSessions(clientID, callID) {
      const configs = sfu.sessions(clientID, callID);
      const missing = missingPart(sfu, clientID, configs) ?? (configs?.length ? undefined : 'no sessions found');
      if (configs === undefined || missing !== undefined) {
        throw new ApiError('not_found', `failed to get session configs: ${missing}`);
      }
      return configs.map(sessionConfigToJSON);
    },

    callSession(clientID, callID, sessionID) {
      const config = sfu.session(clientID, callID, sessionID);
      if (config === undefined) {
        const missing = missingPart(sfu, clientID, sfu.sessions(clientID, callID)) ?? 'session not found';
        throw new ApiError('not_found', `failed to get session config: ${missing}`);
      }
      return sessionConfigToJSON(config);
    },

    debugSessions: () => sfu.summaries(),

    debugSession: (groupID, sessionID) => withDebugErrors(() => sfu.inspect(groupID, sessionID)),

    debugCalls: () => sfu.callSummaries(),

    debugCall: (groupID, callID) => withDebugErrors(() => sfu.inspectCall(groupID, callID)),

    async captureSession(groupID, sessionID, durationMs, signal) {
      const capture = await withDebugErrors(async () => sfu.capture(groupID, sessionID));
      await wait(durationMs, undefined, { signal }).catch(() => {});
      return capture.stop();
    },
  };
}

function missingPart(sfu: SfuLike, groupID: string, call: object | undefined): string | undefined {
  if (!sfu.hasGroup(groupID)) return 'group not found';
  return call === undefined ? 'call not found' : undefined;
}

/** Error codes for requests about one session or call of the SFU. */
const DEBUG_CODES: Readonly<Partial<Record<RtcErrorCode, RequestErrorCode>>> = {
  unknown_session: 'not_found',
  unknown_call: 'not_found',
  too_many_captures: 'conflict',
};

async function withDebugErrors<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof RtcError ? DEBUG_CODES[error.code] : undefined;
    if (code === undefined) throw error;
    throw new ApiError(code, (error as RtcError).message, { cause: error });
  }
}

type CodeTable = Readonly<Record<AuthErrorCode, RequestErrorCode>>;

/** Error codes for requests to register, unregister, or log in. */
const REQUEST_CODES: CodeTable = {
  invalid_client_id: 'invalid_request',
  invalid_key: 'invalid_request',
  already_registered: 'invalid_request',
  not_registered: 'invalid_request',
  unauthorized: 'invalid_request',
  throttled: 'invalid_request',
  store_failed: 'internal',
  invalid_option: 'internal',
};

/** Error codes for requests that must be authenticated. Credentials that were not checked are not wrong. */
const CALLER_CODES: CodeTable = {
  invalid_client_id: 'unauthorized',
  invalid_key: 'unauthorized',
  already_registered: 'unauthorized',
  not_registered: 'unauthorized',
  unauthorized: 'unauthorized',
  throttled: 'unavailable',
  store_failed: 'internal',
  invalid_option: 'internal',
};

async function withApiErrors<T>(codes: CodeTable, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof AuthError ? new ApiError(codes[error.code], error.message, { cause: error }) : error;
  }
}
