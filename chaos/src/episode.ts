import { setTimeout as wait } from 'node:timers/promises';
import { ChaoticService } from './chaotic-service.ts';
import { Findings } from './findings.ts';
import { Installation } from './installation.ts';
import { describeSchedule, type Fault, type Schedule } from './schedule.ts';
import { Scraper } from './scrape.ts';
import { ChaosFinding, until } from './until.ts';

const MEMBERS = 3;

/** Runs one episode. Rejects with a `ChaosFinding` that says which rules were broken, and by which schedule. */
export async function runEpisode(schedule: Schedule): Promise<void> {
  const findings = new Findings();
  try {
    await new Episode(schedule, findings).run();
  } catch (error) {
    findings.add(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  if (findings.texts.length === 0) return;
  throw new ChaosFinding(`${findings.texts.join('\n')}\n${describeSchedule(schedule)}`);
}

class Episode {
  readonly #schedule: Schedule;
  readonly #findings: Findings;
  #service!: ChaoticService;
  #victim!: Installation;
  #innocent!: Installation;
  #registrations = 0;

  constructor(schedule: Schedule, findings: Findings) {
    this.#schedule = schedule;
    this.#findings = findings;
  }

  async run(): Promise<void> {
    const handlesBefore = handles();
    this.#service = await ChaoticService.start(this.#schedule, this.#findings);
    const scraper = new Scraper(this.#service.url, this.#findings);
    try {
      this.#victim = await this.#connect('victim');
      this.#innocent = await this.#connect('innocent');
      await this.#inject();
      await this.#checkThatAllIsWell();
      await Promise.all([this.#victim.close(), this.#innocent.close()]);
      await this.#checkThatNothingIsLeft(scraper);
    } finally {
      await scraper.close();
      await this.#service.close();
    }
    await until(
      () => surplus(handlesBefore).length === 0,
      () => `handles left open: ${surplus(handlesBefore).join(', ')}`,
    );
  }

  async #connect(id: string): Promise<Installation> {
    const installation = new Installation(id, this.#service.url, this.#findings);
    await installation.connect();
    for (let member = 1; member <= MEMBERS; member++) await installation.join();
    await installation.checkVoices();
    return installation;
  }

  /** Faults overlap: each begins at its time, whatever the ones before it do. */
  async #inject(): Promise<void> {
    const startMs = performance.now();
    const running: Promise<void>[] = [];
    for (const { atMs, fault } of this.#schedule.steps) {
      await wait(Math.max(0, startMs + atMs - performance.now()));
      running.push(this.#do(fault));
    }
    const results = await Promise.allSettled(running);
    for (const result of results) if (result.status === 'rejected') throw result.reason;
    this.#service.heal();
    this.#victim.heal();
  }

  async #do(fault: Fault): Promise<void> {
    switch (fault.name) {
      case 'cut':
        this.#victim.cut();
        await wait(fault.forMs);
        return this.#victim.heal();
      case 'clock':
        return this.#service.clock.jump(fault.byMs);
      case 'time_of_day':
        return this.#service.clock.setTimeOfDay(fault.byMs);
      case 'send_errors':
        this.#service.sockets.break(fault.code, fault.rate);
        await wait(fault.forMs);
        return this.#service.sockets.heal();
      case 'store':
        this.#service.store.break(fault.fault);
        await Promise.all([this.#register(), wait(fault.forMs).then(() => this.#service.store.heal())]);
        return;
      case 'block':
        return block(fault.forMs);
      case 'crash':
        return this.#crash();
      case 'join':
        return this.#innocent.join();
      case 'leave':
        return this.#victim.leave();
      default:
        return fault satisfies never;
    }
  }

  /** Everyone's session ends, and everyone joins again. */
  async #crash(): Promise<void> {
    const installations = [this.#victim, this.#innocent];
    const members = installations.map((installation) => installation.members.length);
    await Promise.all([...installations.map((installation) => installation.loseAll()), this.#service.crash()]);
    await Promise.all(
      installations.map(async (installation, index) => {
        for (let member = 0; member < members[index]!; member++) await installation.join();
      }),
    );
  }

  /** A registration succeeds, or says why not. */
  async #register(): Promise<void> {
    const response = await fetch(`${this.#service.url}/register`, {
      method: 'POST',
      headers: { Connection: 'close' },
      body: JSON.stringify({
        clientID: `client-${++this.#registrations}`,
        authKey: 'a key of 32 characters or longer',
      }),
    });
    const { error } = (await response.json()) as { readonly error?: string };
    if (response.status !== 201) this.#findings.refused(`/register answers ${response.status}`, error);
  }

  async #checkThatAllIsWell(): Promise<void> {
    for (const installation of [this.#victim, this.#innocent]) {
      await until(() => installation.client.phase === 'connected', `client ${installation.id} connected again`);
      await installation.join();
      await installation.checkVoices();
    }
    await this.#register();
  }

  async #checkThatNothingIsLeft(scraper: Scraper): Promise<void> {
    let left: readonly string[] = [];
    let isLooking = false;
    const look = async () => {
      isLooking = true;
      left = await scraper.presence();
      isLooking = false;
    };
    await look();
    await until(
      () => {
        if (left.length > 0 && !isLooking) void look();
        return left.length === 0;
      },
      () => `still counted: ${left.join(', ')}`,
    );
  }
}

/** Keeps the thread busy. */
function block(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

/** Open handles and requests by type. Timers are not among them if they do not keep the process alive. */
const handles = (): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(Object.groupBy(process.getActiveResourcesInfo(), (type) => type)).map(([type, all = []]) => [
      type,
      all.length,
    ]),
  );

const surplus = (before: ReadonlyMap<string, number>): readonly string[] =>
  [...handles()].flatMap(([type, count]) => {
    const more = count - (before.get(type) ?? 0);
    return more > 0 ? [`${more} ${type}`] : [];
  });
