import { once } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { silentLogger } from '@rtcd/boundary';
import { openPacketIo } from '@rtcd/packet-io';
import { openSfu } from '@rtcd/rtc';
import { type Logging, openLogging } from 'rtcd';
import { startRtcd, type TestRtcd, type TestRtcdOptions } from 'rtcd/testing';
import { FaultyClock } from './faults/faulty-clock.ts';
import { FaultySockets } from './faults/faulty-sockets.ts';
import { FaultyStore } from './faults/faulty-store.ts';
import { HungLog } from './faults/hung-log.ts';
import type { Findings } from './findings.ts';
import type { Schedule } from './schedule.ts';
import { inTime } from './until.ts';

const HOST_NAME = 'media.example.com';
const LOOPBACK = '127.0.0.1';

/** The composed service, with parts that can be made faulty. */
export class ChaoticService {
  readonly clock = new FaultyClock();
  readonly store = new FaultyStore();
  readonly sockets: FaultySockets;
  #rtcd!: TestRtcd;
  #engine: Worker | undefined;
  readonly #onWorker = (worker: Worker) => {
    this.#engine = worker;
  };
  #log: { readonly logging: Logging; readonly hung: HungLog } | undefined;

  private constructor({ seed }: Schedule) {
    this.sockets = new FaultySockets(seed);
  }

  static async start(schedule: Schedule, findings: Findings): Promise<ChaoticService> {
    const service = new ChaoticService(schedule);
    await service.#start(schedule, findings);
    return service;
  }

  get url(): string {
    return this.#rtcd.url;
  }

  /** Ends the thread of media. Resolves once it has. */
  async crash(): Promise<void> {
    const engine = this.#engine;
    if (engine === undefined) return;
    this.#engine = undefined;
    const exited = once(engine, 'exit');
    await engine.terminate();
    await exited;
  }

  heal(): void {
    this.store.heal();
    this.sockets.heal();
  }

  /** Not even a log without a reader keeps it from ending. */
  async close(): Promise<void> {
    await inTime(this.#rtcd.close(), 'the service does not close');
    process.off('worker', this.#onWorker);
    if (this.#log === undefined) return;
    const { logging, hung } = this.#log;
    await inTime(hung.drainUntil(logging.close()), 'the log does not close');
  }

  async #start(schedule: Schedule, findings: Findings): Promise<void> {
    process.on('worker', this.#onWorker);
    const options: TestRtcdOptions = {
      logger: findings.watch(await this.#openLog(schedule)),
      openStore: async () => this.store,
      clock: this.clock,
      ...(schedule.media === 'same_thread' && this.#onSameThread(schedule)),
    };
    this.#rtcd = await inTime(startRtcd(options), 'the service does not start');
  }

  #onSameThread({ names }: Schedule): TestRtcdOptions {
    const lookupHost = async () => {
      if (names === 'hang') await new Promise(() => {});
      if (names === 'fail') throw Object.assign(new Error(`queryA ESERVFAIL ${HOST_NAME}`), { code: 'ESERVFAIL' });
      return [LOOPBACK];
    };
    return {
      config: { rtc: { ice_host_override: HOST_NAME } },
      openSfu: (sfuOptions) =>
        openSfu({
          ...sfuOptions,
          clock: this.clock,
          lookupHost,
          openIo: (handlers) =>
            openPacketIo({
              ...handlers,
              addresses: [{ address: LOOPBACK, port: 0 }],
              createSocket: this.sockets.createSocket,
            }),
        }),
    };
  }

  async #openLog({ logReader }: Schedule) {
    if (logReader === 'reads') return silentLogger;
    const hung = new HungLog();
    const config = { enable_console: false, console_json: false, console_level: 'INFO', enable_color: false } as const;
    const file = { enable_file: true, file_json: true, file_level: 'DEBUG', file_location: hung.path } as const;
    const logging = await openLogging({ ...config, ...file });
    this.#log = { logging, hung };
    return logging.logger;
  }
}
