import { silentLogger } from '@rtcd/boundary';
import { createMemoryStore } from '@rtcd/store';
import { defaultConfig } from '../config/load.ts';
import type { Config } from '../config/settings.ts';
import { createService, type Service, type ServiceOptions } from '../service.ts';
import type { ServiceAddresses } from '../service-addresses.ts';

/** Any part of the configuration, in the tables of the TOML file. */
export type ConfigOverrides = DeepPartial<Config>;

/** Overrides for a service in tests: settings, and parts of the service. */
export interface TestRtcdOptions extends Partial<ServiceOptions> {
  readonly config?: ConfigOverrides;
}

/** A running service. */
export interface TestRtcd extends Pick<Service, 'drain' | 'close'>, ServiceAddresses {
  readonly config: Config;
}

/** Free ports, loopback only, nothing on disk, and clients may register themselves. */
const TEST_CONFIG: ConfigOverrides = {
  api: { http: { listen_address: '127.0.0.1:0' }, security: { allow_self_registration: true } },
  rtc: { ice_address_udp: '127.0.0.1', ice_port_udp: 0, ice_address_tcp: '127.0.0.1', ice_port_tcp: 0 },
};

/** bcrypt's lowest cost and no throttle to speak of. */
const FAST_AUTH = { hashCost: 4, throttle: { operationsPerSecond: 1_000_000, burst: 1, maxWaitMs: 10_000 } } as const;

/** Starts the whole service for a test: on free loopback ports, in memory, silent. Close it when done. */
export async function startRtcd(options: TestRtcdOptions = {}): Promise<TestRtcd> {
  const config = merge(merge(defaultConfig(), TEST_CONFIG), options.config ?? {});
  const service = createService(config, {
    logger: silentLogger,
    openStore: async () => createMemoryStore(),
    auth: FAST_AUTH,
    ...options,
  });
  try {
    const addresses = await service.start();
    return { ...addresses, config, drain: service.drain, close: service.close };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** Any part of a tree of tables. */
export type DeepPartial<T> = T extends readonly unknown[] | string | number | boolean | undefined
  ? T
  : { readonly [K in keyof T]?: DeepPartial<T[K]> };

/** The tree with the overrides in place of its own values. */
export function merge<T extends object>(tree: T, overrides: DeepPartial<NoInfer<T>>): T {
  return mergeTables(tree, overrides) as T;
}

function mergeTables(tree: object, overrides: object): object {
  const merged = new Map<string, unknown>(Object.entries(tree));
  for (const [key, value] of Object.entries(overrides)) {
    const own = merged.get(key);
    merged.set(key, isTable(own) && isTable(value) ? mergeTables(own, value) : value);
  }
  return Object.fromEntries(merged);
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
