import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const HERE = fileURLToPath(new URL('../..', import.meta.url));

/** The composed service of a checkout, started as operators start it, with a module preloaded into each thread that writes reports. */
export class ServiceProcess<Report> {
  readonly url: string;
  readonly reports: Report[] = [];
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(child: ChildProcess, url: string, folder: string) {
    this.#child = child;
    this.url = url;
    this.#folder = folder;
    createInterface({ input: child.stdio[3] as Readable }).on('line', (line) => this.reports.push(JSON.parse(line)));
  }

  /** `watch` is the module that writes reports, as lines of JSON on descriptor 3. `BENCH_SERVER_CHECKOUT` names another checkout, to compare with. */
  static async start<Report>(
    watch: URL,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServiceProcess<Report>> {
    const folder = await mkdtemp(join(tmpdir(), 'rtcd-bench-'));
    const main = join(resolve(process.env['BENCH_SERVER_CHECKOUT'] ?? HERE), 'apps/rtcd/src/main.ts');
    const port = await freePort();
    const mediaPort = String(await freePort());
    const url = `http://127.0.0.1:${port}`;
    const child = spawn(process.execPath, ['--import', watch.href, main], {
      cwd: folder,
      // Its log goes to a file, as in operation; standard output is not read.
      stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        RTCD_API_HTTP_LISTENADDRESS: `127.0.0.1:${port}`,
        RTCD_API_SECURITY_ALLOWSELFREGISTRATION: 'true',
        RTCD_RTC_ICEADDRESSUDP: '127.0.0.1',
        RTCD_RTC_ICEPORTUDP: mediaPort,
        RTCD_RTC_ICEADDRESSTCP: '127.0.0.1',
        RTCD_RTC_ICEPORTTCP: mediaPort,
        RTCD_STORE_DATASOURCE: join(folder, 'db'),
        RTCD_LOGGER_ENABLECONSOLE: 'false',
        RTCD_LOGGER_FILELOCATION: join(folder, 'rtcd.log'),
        ...environment,
      },
    });
    const service = new ServiceProcess<Report>(child, url, folder);
    await service.#listening();
    return service;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Has all threads collect their garbage. Resolves with what `find` finds in the reports since then, undefined if the process ends. */
  async collect<Found>(find: (reports: readonly Report[]) => Found | undefined): Promise<Found | undefined> {
    const before = this.reports.length;
    this.#child.kill('SIGUSR2');
    for (;;) {
      const found = find(this.reports.slice(before));
      if (found !== undefined || this.hasEnded) return found;
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGKILL');
      await exited;
    }
    await rm(this.#folder, { recursive: true });
  }

  async #listening(): Promise<void> {
    for (;;) {
      if (this.#child.exitCode !== null)
        throw new Error(`the service exited with ${this.#child.exitCode} at its start`);
      const answer = await fetch(`${this.url}/version`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((wait) => setTimeout(wait, 50));
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
