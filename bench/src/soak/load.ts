import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { PeopleStatus } from './people.ts';
import type { VisitorsStatus } from './visitors.ts';

export interface LoadOptions {
  readonly url: string;
  readonly people: number;
  readonly talkers: number;
  readonly calls: number;
  readonly visits: number;
  readonly seconds: number;
}

/** People and visitors of the service, in processes of their own. */
export class Load {
  readonly #options: LoadOptions;
  #people: PeopleStatus = { received: 0, lost: 0, guests: 0, failures: [] };
  #visitors: VisitorsStatus = { visits: 0, isDone: false, failures: [] };

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  get joins(): number {
    return this.#people.guests + this.#visitors.visits;
  }

  get lostPercent(): number {
    const { received, lost } = this.#people;
    return (100 * lost) / (received + lost || 1);
  }

  get failures(): readonly string[] {
    return [...this.#people.failures, ...this.#visitors.failures];
  }

  /** Resolves once the people have joined, the visitors have come and gone, and all have left. */
  async play(): Promise<void> {
    const { url, people, talkers, calls, visits, seconds } = this.#options;
    const peopleProcess = start('./people.ts', url, people, talkers, calls);
    const peopleEnded = ended(peopleProcess);
    peopleProcess.on('message', (status: PeopleStatus) => {
      this.#people = status;
    });
    await Promise.race([once(peopleProcess, 'message'), peopleEnded]);
    const visitorsProcess = start('./visitors.ts', url, visits, seconds);
    const visitorsEnded = ended(visitorsProcess);
    visitorsProcess.on('message', (status: VisitorsStatus) => {
      this.#visitors = status;
      if (status.isDone && visitorsProcess.connected) visitorsProcess.disconnect();
    });
    await Promise.race([visitorsEnded, peopleEnded]);
    if (peopleProcess.connected) peopleProcess.send('end');
    await peopleEnded;
  }
}

function start(module: string, ...parameters: readonly (string | number)[]): ChildProcess {
  return fork(fileURLToPath(new URL(module, import.meta.url)), parameters.map(String));
}

/** Rejects if the process fails. */
async function ended(child: ChildProcess): Promise<void> {
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${child.spawnargs.at(1)} ended with ${code}`);
}
