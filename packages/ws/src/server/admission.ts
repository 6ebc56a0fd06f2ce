import type { IncomingMessage } from 'node:http';
import { sourceNetwork } from '@rtcd/boundary';
import { Timer } from '../timer.ts';
import type { ServerSettings } from './options.ts';
import { checkUpgradeRequest, Refusal } from './refusal.ts';

/** The gates that an upgrade request passes before it is accepted: its form, the limits, and authentication. */
export class Admission {
  readonly #settings: ServerSettings;
  readonly #connectionCount: () => number;
  #pending = 0;
  readonly #pendingBySource = new Map<string, number>();

  constructor(settings: ServerSettings, connectionCount: () => number) {
    this.#settings = settings;
    this.#connectionCount = connectionCount;
  }

  /** Resolves with the clientID; rejects with a `Refusal` or whatever `authenticate` rejected with. */
  async admit(request: IncomingMessage): Promise<string> {
    const malformed = checkUpgradeRequest(request);
    if (malformed !== undefined) throw malformed;
    const { limits } = this.#settings;
    const source = sourceNetwork(request.socket.remoteAddress ?? 'unknown');
    const isSourceFull = (this.#pendingBySource.get(source) ?? 0) >= limits.maxPendingUpgradesPerSource;
    if (isSourceFull || this.#pending >= limits.maxPendingUpgrades)
      throw new Refusal(503, 'too many clients are connecting');
    if (this.#connectionCount() + this.#pending >= limits.maxConnections) {
      throw new Refusal(503, 'too many connections');
    }
    const { clientID } = await this.#authenticate(request, source);
    return clientID;
  }

  #authenticate(request: IncomingMessage, source: string): Promise<{ readonly clientID: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ readonly clientID: string }>();
    const deadline = new Timer(this.#settings.clock, () => reject(new Refusal(503, 'authentication timed out')));
    deadline.start(this.#settings.authTimeoutMs);
    this.#count(source, 1);
    // Counted until the work has really ended: giving up on the answer does not make the work less.
    Promise.resolve()
      .then(() => this.#settings.authenticate(request))
      .then(resolve, reject)
      .finally(() => {
        deadline.stop();
        this.#count(source, -1);
      });
    return promise;
  }

  #count(source: string, change: 1 | -1): void {
    this.#pending += change;
    const pending = (this.#pendingBySource.get(source) ?? 0) + change;
    if (pending === 0) this.#pendingBySource.delete(source);
    else this.#pendingBySource.set(source, pending);
  }
}
