import { Session } from 'node:inspector/promises';
import type { FuzzTarget } from './target.ts';

/** Branches of a parser's sources that ran, as V8 counts them: each function, and each block that can be left out. */
export interface Coverage {
  readonly covered: number;
  readonly branches: number;
}

/** Counts which blocks of all sources run, from `start` on. It must start before the sources are loaded. */
export class CoverageCounter {
  readonly #session = new Session();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Coverage of each parser, in their order. */
  async stop(targets: readonly FuzzTarget[]): Promise<Coverage[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
    return targets.map(({ sources }) => {
      const ranges = result
        .filter(({ url }) => sources.some((source) => url.endsWith(`/${source}`)))
        .flatMap(({ functions }) => functions.flatMap((one) => one.ranges));
      return { covered: ranges.filter(({ count }) => count > 0).length, branches: ranges.length };
    });
  }
}
