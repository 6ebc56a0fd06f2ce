import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeMachine } from '../machine.ts';
import { ServiceProcess } from '../service-process.ts';
import { Load } from './load.ts';
import { plotSoak } from './plot-soak.ts';
import { resourcesOf, type Sample, sessionsOf } from './sample.ts';
import { defectsOf } from './verdict.ts';
import type { ThreadReport } from './watch-thread.ts';

/** Options of a soak. */
export interface SoakOptions {
  readonly minutes: number;
  readonly people: number;
  readonly talkers: number;
  /** Calls that the people are in. */
  readonly calls: number;
  /** Sessions that join and leave beside the people. */
  readonly joins: number;
  /** Folder for `soak.json` and `soak.svg`. */
  readonly out: string;
}

type Service = ServiceProcess<ThreadReport>;

const WATCH = new URL('./watch-thread.ts', import.meta.url);
const MAX_SAMPLES = 360;
const MIN_SAMPLE_MS = 1_000;
/** Part of the load that warms the service up: its code is compiled, and its pools and tables have their sizes. */
const WARM_UP = 0.02;
const MIN_WARM_UP_SECONDS = 30;
const PROGRESS_INTERVAL_MS = 60_000;
const MAX_DRAIN_MS = 120_000;
/** Time for what outlives a session: delayed answers, connections that are kept, counters of peers that are gone. */
const SETTLE_MS = 40_000;
const MIB = 1024 * 1024;

/** Plays people and visitors to the service for a long time. Resolves with what is not back to where it was, in words: nothing if all is well. */
export async function soak(options: SoakOptions): Promise<string[]> {
  const sampleMs = Math.max(MIN_SAMPLE_MS, (options.minutes * 60_000) / MAX_SAMPLES);
  const service: Service = await ServiceProcess.start(WATCH, { SOAK_SAMPLE_MS: String(sampleMs) });
  try {
    const warmUpSeconds = Math.max(MIN_WARM_UP_SECONDS, options.minutes * 60 * WARM_UP);
    console.log(`soak: warms up for ${Math.round(warmUpSeconds)} s`);
    await newLoad(service, options, Math.ceil(options.joins * WARM_UP), warmUpSeconds).play();
    const before = await settled(service);
    console.log(`soak: ${options.minutes} min begin, after the warm-up ${describe(before)}`);

    const load = newLoad(service, options, options.joins, options.minutes * 60);
    const samples: Sample[] = [];
    const write = (more: object) => writeResults(options, samples, { ...more, before, failures: load.failures });
    const stopSampling = sampleEvery(sampleMs, service, load, (sample, isProgressDue) => {
      samples.push(sample);
      if (!isProgressDue) return;
      console.log(`  ${(sample.atSeconds / 60).toFixed(0)} min: ${describe(sample)}`);
      write({});
    });
    try {
      await load.play();
    } finally {
      stopSampling();
    }
    const after = await settled(service);
    console.log(`soak: after the last session ${describe(after)}; ${load.lostPercent.toFixed(2)}% of the packets lost`);
    const defects = defectsOf({ before, after, failures: load.failures });
    write({ after, defects, joins: load.joins, lostPercent: load.lostPercent });
    return defects;
  } finally {
    await service.stop();
  }
}

function newLoad({ url }: Service, options: SoakOptions, visits: number, seconds: number): Load {
  const { people, talkers, calls } = options;
  return new Load({ url, people, talkers, calls, visits, seconds });
}

/** Returns a function that ends it. */
function sampleEvery(
  intervalMs: number,
  service: Service,
  load: Load,
  take: (sample: Sample, isProgressDue: boolean) => void,
): () => void {
  const startMs = performance.now();
  let progressMs = startMs;
  const timer = setInterval(async () => {
    const nowMs = performance.now();
    const sessions = await countSessions(service);
    const control = service.reports.findLast(({ thread }) => thread === 'control');
    const media = service.reports.findLast(({ thread }) => thread === 'media');
    if (sessions === undefined || !control || !media) return;
    const isProgressDue = nowMs - progressMs >= PROGRESS_INTERVAL_MS;
    if (isProgressDue) progressMs = nowMs;
    take({ atSeconds: (nowMs - startMs) / 1_000, sessions, joins: load.joins, control, media }, isProgressDue);
  }, intervalMs);
  return () => clearInterval(timer);
}

/** Scrapes as Prometheus does, on a connection of its own. Undefined if that fails. */
async function countSessions({ url }: Service): Promise<number | undefined> {
  const answer = await fetch(`${url}/metrics`, { headers: { Connection: 'close' } }).catch(() => undefined);
  return answer?.ok ? sessionsOf(await answer.text()) : undefined;
}

/** Waits until all sessions have ended, and collects all garbage. */
async function settled(service: Service): Promise<Sample> {
  const endMs = performance.now() + MAX_DRAIN_MS;
  while ((await countSessions(service)) !== 0 && performance.now() < endMs) await sleep(1_000);
  await sleep(SETTLE_MS);
  const sessions = (await countSessions(service)) ?? Number.NaN;
  await sleep(MIN_SAMPLE_MS); // its connection has closed
  const collected = await service.collect((reports) => {
    const control = reports.find(({ thread, isCollected }) => thread === 'control' && isCollected);
    const media = reports.find(({ thread, isCollected }) => thread === 'media' && isCollected);
    return control && media && { control, media };
  });
  if (collected === undefined) throw new Error('the service has ended');
  return { atSeconds: 0, sessions, joins: 0, ...collected };
}

function describe({ sessions, joins, control, media }: Sample): string {
  const mib = (bytes: number) => Math.round(bytes / MIB);
  return [
    `${sessions} sessions`,
    `${joins} joins`,
    `${mib(control.residentBytes)} MiB resident`,
    `heap ${mib(control.heapBytes)} + ${mib(media.heapBytes)} MiB`,
    `external ${mib(control.externalBytes)} + ${mib(media.externalBytes)} MiB`,
    `${control.openFiles} open files`,
    `resources ${resourcesOf(control)} + ${resourcesOf(media)}`,
    `p99 delay ${control.delay.p99Ms.toFixed(1)} + ${media.delay.p99Ms.toFixed(1)} ms`,
  ].join(', ');
}

function writeResults(options: SoakOptions, samples: readonly Sample[], results: object): void {
  mkdirSync(options.out, { recursive: true });
  const json = JSON.stringify({ machine: describeMachine(), options, ...results, samples }, undefined, 1);
  writeFileSync(join(options.out, 'soak.json'), `${json}\n`);
  const { minutes, people, talkers, calls, joins } = options;
  const title = `${minutes} min: ${people} people in ${calls} calls, ${talkers} of whom talk; ${joins} joins and leaves`;
  writeFileSync(join(options.out, 'soak.svg'), plotSoak(title, samples));
}
