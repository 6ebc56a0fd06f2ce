import type { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type {
  CallSnapshot,
  CallSummary,
  SessionCapture,
  SessionSnapshot,
  SessionSummary,
  Sfu,
  SfuEvents,
  SfuStats,
  SfuThread,
  SfuThreadOptions,
  ThreadCapture,
} from '@rtcd/rtc';
import { isStunUrl, isTurnUrl } from './config/ice-servers.ts';
import { defaultConfig } from './config/load.ts';
import type { Config } from './config/settings.ts';

/** Questions that an SFU on a thread of its own answers later. */
export interface SfuQuestions {
  /** Totals since the start. */
  stats(): SfuStats | Promise<SfuStats>;
  /** All sessions at a glance. */
  summaries(): readonly SessionSummary[] | Promise<readonly SessionSummary[]>;
  /** The state of one session. Throws `RtcError` `unknown_session`. */
  inspect(groupID: string, sessionID: string): SessionSnapshot | Promise<SessionSnapshot>;
  /** All calls at a glance. */
  callSummaries(): readonly CallSummary[] | Promise<readonly CallSummary[]>;
  /** The state of a call. Throws `RtcError` `unknown_call`. */
  inspectCall(groupID: string, callID: string): CallSnapshot | Promise<CallSnapshot>;
  /** Starts to record a session. Throws `RtcError` `unknown_session` or `too_many_captures`. */
  capture(groupID: string, sessionID: string): SessionCapture | Promise<ThreadCapture>;
}

/** The part of an SFU that the service needs; tests supply a scripted one, or one on the service's own thread. */
export type SfuLike = EventEmitter<SfuEvents> &
  SfuQuestions &
  Pick<
    Sfu,
    | 'join'
    | 'leave'
    | 'receive'
    | 'resume'
    | 'session'
    | 'sessions'
    | 'hasGroup'
    | 'isReady'
    | 'sessionCount'
    | 'localAddresses'
    | 'candidates'
    | 'close'
  > &
  // An SFU on the service's own thread has no other thread to look into.
  Partial<Pick<SfuThread, 'diagnostics'>>;

/** Makes the SFU of a service, as `openSfuThread` of `@rtcd/rtc` does. A rejection fails the service's start. */
export type OpenSfu = (options: SfuThreadOptions) => Promise<SfuLike>;

/** The SFU's part of the configuration. */
export function sfuOptions({ rtc, api }: Config): SfuThreadOptions {
  const { enable, cert_file: certFile, cert_key: keyFile } = api.http.tls;
  return {
    udpAddress: rtc.ice_address_udp,
    udpPort: rtc.ice_port_udp,
    tcpAddress: rtc.ice_address_tcp,
    tcpPort: rtc.ice_port_tcp,
    ...(enable && { tcpTls: { certFile, keyFile } }),
    enableIPv6: rtc.enable_ipv6,
    ignoredInterfaces: rtc.ice_ignored_interfaces,
    hostOverride: rtc.ice_host_override,
    hostPortOverride: rtc.ice_host_port_override,
    stunServers: rtc.ice_servers.flatMap(({ urls }) => urls).filter(isStunUrl),
    turnServers: rtc.turn.relay_candidates ? rtc.ice_servers.filter(({ urls }) => urls.some(isTurnUrl)) : [],
    turnSecret: rtc.turn.static_auth_secret,
    ...(rtc.turn.static_auth_secret !== '' && { turnExpirationMinutes: rtc.turn.credentials_expiration_minutes }),
    nackBufferSize: rtc.nack_buffer_size,
    maxActiveVoices: rtc.max_active_voices,
  };
}

/** Settings that the SFU has no use for: it decides these things by itself, or does not do them. */
const UNUSED = ['udp_sockets_count', 'nack_disable_copy'] as const satisfies ReadonlyArray<keyof Config['rtc']>;

/** Returns the names of unused settings that have been changed from their defaults. */
export function settingsWithoutEffect({ rtc }: Config): readonly string[] {
  const byDefault = defaultConfig().rtc;
  const changed = UNUSED.filter((name) => !isDeepStrictEqual(rtc[name], byDefault[name])).map((name) => `rtc.${name}`);
  const servers = rtc.ice_servers.flatMap(({ urls }) => urls).filter((url) => !isStunUrl(url) && !isTurnUrl(url));
  return [...changed, ...servers.map((url) => `rtc.ice_servers: ${url}`)];
}
