import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../machine.ts';
import { ServiceProcess } from '../service-process.ts';
import type { Attack } from './attack.ts';
import { ATTACKS } from './attacks/attacks.ts';
import type { InnocentsReport } from './innocents.ts';
import { exceededLimits, type IsolationRow } from './verdict.ts';
import type { TurnReport } from './watch-turns.ts';

const WATCH = new URL('./watch-turns.ts', import.meta.url);
const QUIET_MS = 3_000;
const ATTACK_MS = Number(process.env['BENCH_ATTACK_SECONDS'] ?? 8) * 1_000;
/** Turns that began during the attack may end later. */
const AFTERMATH_MS = 2_000;
const MEMORY_WAIT_MS = Number(process.env['BENCH_MEMORY_WAIT_SECONDS'] ?? 30) * 1_000;
const MIB = 1024 * 1024;

/** Runs attacks, all of them or those named, each against a fresh service. Prints a table, and writes it as JSON where `BENCH_JSON` says. */
export async function isolation(names: readonly string[]): Promise<void> {
  const unknown = names.find((name) => !ATTACKS.some((attack) => attack.name === name));
  if (unknown !== undefined) {
    throw new Error(`no attack "${unknown}"; there are ${ATTACKS.map(({ name }) => name).join(', ')}`);
  }
  const rows: IsolationRow[] = [];
  for (const attack of ATTACKS) {
    if (names.length > 0 && !names.includes(attack.name)) continue;
    console.log(`isolation ${attack.name}: ${attack.description}`);
    const row = await run(attack);
    console.log(`  attackers: ${row.attackers}`);
    if (row.closed.length > 0) console.log(`  closed: ${row.closed.join(', ')}`);
    rows.push(row);
  }
  const json = process.env['BENCH_JSON'];
  if (json !== undefined) {
    writeFileSync(json, `${JSON.stringify({ machine: describeMachine(), attackMs: ATTACK_MS, rows }, undefined, 2)}\n`);
  }
  console.table(rows.map(line));
}

async function run(attack: Attack): Promise<IsolationRow> {
  const service = await ServiceProcess.start<TurnReport>(WATCH);
  const children: ChildProcess[] = [];
  const start = async (module: string, ...parameters: string[]) => {
    const path = fileURLToPath(new URL(module, import.meta.url));
    const child = fork(path, parameters);
    children.push(child);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(() => {
        throw new Error(`${module} ended before it was ready`);
      }),
    ]);
    return child;
  };
  try {
    const innocents = await start('./innocents.ts', service.url);
    const attacker = await start('./attacker.ts', attack.name, service.url);
    await sleep(QUIET_MS);
    const residentBefore = await collectedBytes(service);

    const beginMs = epochMs();
    innocents.send('begin');
    attacker.send('begin');
    const done = nextMessage<string>(attacker);
    await sleep(ATTACK_MS);
    attacker.send('end');
    const attackers = (await done) ?? 'failed';
    innocents.send('end');
    const endMs = epochMs() + AFTERMATH_MS;
    attacker.disconnect();

    await sleep(MEMORY_WAIT_MS);
    const residentAfter = await collectedBytes(service);
    const answered = nextMessage<InnocentsReport>(innocents);
    innocents.send('report');
    const report = await answered;
    if (report === undefined) throw new Error('the innocents ended early');

    const during = service.reports.filter(({ atMs }) => atMs >= beginMs && atMs < endMs);
    const longest = (isMedia: boolean) =>
      Math.max(0, ...during.filter((one) => one.isMedia === isMedia).map(({ longestTurnMs }) => longestTurnMs));
    const { name, description } = attack;
    return {
      name,
      description,
      attackers,
      lossPercent: (1 - report.received / report.sent) * 100,
      ...report,
      mediaTurnMs: during.length === 0 ? Number.NaN : longest(true),
      otherTurnMs: longest(false),
      memoryMiB: (residentAfter - residentBefore) / MIB,
    };
  } finally {
    for (const child of children) if (child.connected) child.disconnect();
    await service.stop();
  }
}

const epochMs = (): number => performance.timeOrigin + performance.now();

/** Resident set after a full collection in all threads. */
async function collectedBytes(service: ServiceProcess<TurnReport>): Promise<number> {
  const bytes = await service.collect((reports) => reports.findLast((one) => one.residentBytes !== undefined));
  return bytes?.residentBytes ?? Number.POSITIVE_INFINITY;
}

/** Undefined if the process ends instead. */
async function nextMessage<T>(child: ChildProcess): Promise<T | undefined> {
  const [message] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])]);
  return message as T | undefined;
}

function line(row: IsolationRow): Record<string, string | number> {
  const exceeded = exceededLimits(row);
  return {
    attack: row.name,
    'loss %': round(row.lossPercent),
    'p50 ms': round(row.p50ExtraDelayMs),
    'p99 ms': round(row.p99ExtraDelayMs),
    'media turn ms': round(row.mediaTurnMs),
    'other turn ms': round(row.otherTurnMs),
    'login ms': Math.round(row.slowestLoginMs),
    'logins failed': row.failedLogins,
    closed: row.closed.length,
    'memory MiB': round(row.memoryMiB),
    verdict: exceeded.length === 0 ? 'passes' : `exceeds: ${exceeded.join(', ')}`,
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
