import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { check } from '@rtcd/boundary';
import type { SystemInfo, VersionInfo } from '@rtcd/protocol';

/** Sender of a request. An admin is not a client and has an empty clientID. */
export interface ApiCaller {
  readonly clientID: string;
  readonly admin: boolean;
}

/** The body of `POST /register` and `POST /login`: which client, and the key that proves it. */
export interface ClientCredentials {
  readonly clientID: string;
  readonly authKey: string;
}

/**
 * All that this server does not know itself. A handler refuses a request by throwing an `ApiError`, whose message the
 * client gets to see; any other error is logged and answered with status 500.
 */
export interface ApiHandlers {
  /** Answers `GET /version`. */
  version(): VersionInfo;
  /** Answers `GET /system`. */
  system(): SystemInfo;
  /** Answers `GET /metrics`, in a text format of Prometheus. */
  metrics(): Promise<{ readonly contentType: string; readonly body: string }>;
  /** Returns the reason for which new calls are refused, which `GET /readyz` answers with; undefined if they are accepted. */
  unreadyReason(): string | undefined;
  /** Authenticates a request by its `Authorization` header, from the network address `source`. Throws `unauthorized`. */
  authenticate(authorization: string | undefined, source: string): Promise<ApiCaller>;
  /** Answers `POST /register`. Throws if the credentials are not acceptable, or the clientID is taken. */
  register(credentials: ClientCredentials, source: string): Promise<void>;
  /** Answers `POST /unregister`, of a caller that is allowed to. */
  unregister(clientID: string): Promise<void>;
  /** Resolves with a bearer token. */
  login(credentials: ClientCredentials, source: string): Promise<string>;
  /** The session configs of a call, as JSON values. Throws `not_found` with what was not found. */
  callSessions(clientID: string, callID: string): readonly object[];
  /** One session config, as a JSON value. Throws `not_found` with what was not found. */
  callSession(clientID: string, callID: string, sessionID: string): object;
  /** Answers `GET /debug/sessions`: all sessions of all groups at a glance, as JSON values. */
  debugSessions(): readonly object[] | Promise<readonly object[]>;
  /** Answers `GET /debug/sessions/{groupID}/{sessionID}`: all about one session, as a JSON value. Throws `not_found`. */
  debugSession(groupID: string, sessionID: string): object | Promise<object>;
  /** Answers `GET /debug/calls`: all calls of all groups at a glance, as JSON values. */
  debugCalls(): readonly object[] | Promise<readonly object[]>;
  /** Answers `GET /debug/calls/{groupID}/{callID}`: a call with its members and their media, as a JSON value. Throws `not_found`. */
  debugCall(groupID: string, callID: string): object | Promise<object>;
  /**
   * Answers `GET /debug/sessions/{groupID}/{sessionID}/capture`: records the session's packets and resolves with a pcapng file, early if the
   * signal aborts. Throws `not_found`, or `conflict` if too many captures run.
   */
  captureSession(groupID: string, sessionID: string, durationMs: number, signal: AbortSignal): Promise<Uint8Array>;
}

/** Accepts objects with all the handlers. */
export const handlersCheck = check.object<ApiHandlers>({
  version: check.func,
  system: check.func,
  metrics: check.func,
  unreadyReason: check.func,
  authenticate: check.func,
  register: check.func,
  unregister: check.func,
  login: check.func,
  callSessions: check.func,
  callSession: check.func,
  debugSessions: check.func,
  debugSession: check.func,
  debugCalls: check.func,
  debugCall: check.func,
  captureSession: check.func,
});

/** Takes over the socket of an upgrade request to `/ws`, authentication included. */
export type UpgradeHandler = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
