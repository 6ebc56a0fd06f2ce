import type { EventEmitter } from 'node:events';
import { isDeepStrictEqual } from 'node:util';
import type {
  CallSnapshot,
  CallSummary,
  SessionSnapshot,
  SessionSummary,
  Sfu,
  SfuEvents,
  SfuStats,
  SfuThreadOptions,
} from '@rtcd/rtc';
import { defaultConfig } from './config/load.ts';
import type { Config } from './config/settings.ts';

/** Questions that an SFU on a thread of its own answers later. */
export interface SfuQuestions {
  stats(): SfuStats | Promise<SfuStats>;
  summaries(): readonly SessionSummary[] | Promise<readonly SessionSummary[]>;
  inspect(groupID: string, sessionID: string): SessionSnapshot | Promise<SessionSnapshot>;
  callSummaries(): readonly CallSummary[] | Promise<readonly CallSummary[]>;
  inspectCall(groupID: string, callID: string): CallSnapshot | Promise<CallSnapshot>;
  capture(
    groupID: string,
    sessionID: string,
  ): { stop(): Uint8Array | Promise<Uint8Array> } | Promise<{ stop(): Uint8Array | Promise<Uint8Array> }>;
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
    | 'sessionCount'
    | 'localAddresses'
    | 'candidates'
    | 'close'
  >;

/** Makes the SFU of a service, as `openSfuThread` of `@rtcd/rtc` does. A rejection fails the service's start. */
export type OpenSfu = (options: SfuThreadOptions) => Promise<SfuLike>;

/** The SFU's part of the configuration. */
export function sfuOptions({ rtc }: Config): SfuThreadOptions {
  return {
    udpAddress: rtc.ice_address_udp,
    udpPort: rtc.ice_port_udp,
    enableIPv6: rtc.enable_ipv6,
    hostOverride: rtc.ice_host_override,
    hostPortOverride: rtc.ice_host_port_override,
    nackBufferSize: rtc.nack_buffer_size,
    maxActiveVoices: rtc.max_active_voices,
  };
}

/** Settings that the SFU has no use for: it decides these things by itself, or does not do them. */
const UNUSED = [
  'ice_address_tcp',
  'ice_port_tcp',
  'ice_servers',
  'turn',
  'udp_sockets_count',
  'nack_disable_copy',
] as const satisfies ReadonlyArray<keyof Config['rtc']>;

/** Returns the names of unused settings that have been changed from their defaults. */
export function settingsWithoutEffect({ rtc }: Config): readonly string[] {
  const byDefault = defaultConfig().rtc;
  return UNUSED.filter((name) => !isDeepStrictEqual(rtc[name], byDefault[name])).map((name) => `rtc.${name}`);
}
