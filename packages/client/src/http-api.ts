import { textOf } from '@rtcd/boundary';
import {
  type SessionConfig,
  type SystemInfo,
  sessionConfigFromJSON,
  systemInfoFromJSON,
  type VersionInfo,
  versionInfoFromJSON,
} from '@rtcd/protocol';
import { z } from 'zod';
import type { ClientSettings } from './config.ts';
import { RtcdClientError } from './errors.ts';
import { requestJson } from './http.ts';

/** The routes of rtcd's HTTP API that a client uses (contract section 1). Each throws a RtcdClientError. */
export class HttpApi {
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = settings;
  }

  async register(clientID: string, authKey: string, signal: AbortSignal): Promise<void> {
    const body = { clientID, authKey };
    const request = { method: 'POST', path: '/register', body, authenticated: true, expectedStatus: 201 } as const;
    await requestJson(this.#settings, request, signal);
  }

  async unregister(clientID: string, signal: AbortSignal): Promise<void> {
    const request = { method: 'POST', path: '/unregister', body: { clientID }, authenticated: true } as const;
    await requestJson(this.#settings, request, signal);
  }

  async versionInfo(signal: AbortSignal): Promise<VersionInfo> {
    return read(versionInfoFromJSON, await requestJson(this.#settings, { method: 'GET', path: '/version' }, signal));
  }

  async systemInfo(signal: AbortSignal): Promise<SystemInfo> {
    return read(systemInfoFromJSON, await requestJson(this.#settings, { method: 'GET', path: '/system' }, signal));
  }

  async sessions(callID: string, signal: AbortSignal): Promise<SessionConfig[]> {
    const path = `/calls/${encodeURIComponent(callID)}/sessions`;
    const json = await requestJson(this.#settings, { method: 'GET', path, authenticated: true }, signal);
    return read((value) => z.array(z.unknown()).parse(value).map(sessionConfigFromJSON), json);
  }

  async session(callID: string, sessionID: string, signal: AbortSignal): Promise<SessionConfig> {
    const path = `/calls/${encodeURIComponent(callID)}/sessions/${encodeURIComponent(sessionID)}`;
    const json = await requestJson(this.#settings, { method: 'GET', path, authenticated: true }, signal);
    return read(sessionConfigFromJSON, json);
  }
}

function read<T>(parse: (value: unknown) => T, value: unknown): T {
  try {
    return parse(value);
  } catch (cause) {
    throw new RtcdClientError('request_failed', `decoding http response failed: ${textOf(cause)}`, { cause });
  }
}
