import type { ConnectionOptions } from 'node:tls';

/** Server, key prefix, and durability that a write requires. */
export interface RedisStoreOptions {
  /** `redis://[user:password@]host[:port][/db]`, `rediss://...` for TLS, or the absolute path of a Unix socket. */
  readonly url: string;
  /** Put before every key, so that a database can be shared with others. Default `rtcd:`. */
  readonly keyPrefix?: string;
  /** Replicas that must have a write before it is acknowledged (`WAIT`). Default 0. */
  readonly minReplicas?: number;
  /** Longest wait for those replicas. Default 1 s. */
  readonly replicaTimeoutMs?: number;
  /** Longest wait for the connection, and for the answer to a command. Default 5 s. */
  readonly timeoutMs?: number;
  /** Certificates for `rediss://`. */
  readonly tls?: Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'servername'>;
  /**
   * `checked`: opening fails unless the server writes to disk before it answers and evicts nothing. Default.
   * `trusted`: the server is taken at the operator's word; for services that do not allow `CONFIG GET`.
   */
  readonly durability?: 'checked' | 'trusted';
}
