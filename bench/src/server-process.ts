import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a module of this folder in a process of its own, so that its CPU and memory are the server's alone. */
export class ServerProcess {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Starts it with these environment variables besides ours. */
  static async start(module: string, environment: NodeJS.ProcessEnv = {}): Promise<ServerProcess> {
    const path = fileURLToPath(new URL(module, import.meta.url));
    const nodeOptions = (process.env['BENCH_SERVER_OPTIONS'] ?? '').split(' ').filter((option) => option !== '');
    const env = { ...process.env, ...environment };
    const child = fork(path, { execArgv: ['--expose-gc', ...nodeOptions], serialization: 'advanced', env });
    await once(child, 'message');
    return new ServerProcess(child);
  }

  send(message: object): void {
    this.#child.send(message);
  }

  onMessage(listener: (message: { readonly type: string; readonly [key: string]: unknown }) => void): void {
    this.#child.on('message', listener);
  }

  /** CPU time of the whole process so far, user and kernel, in microseconds. */
  cpuMicroseconds(): Promise<number> {
    return this.#ask('cpu');
  }

  /** Live JavaScript heap and buffers after a full collection, in bytes. */
  memoryBytes(): Promise<number> {
    return this.#ask('memory');
  }

  /** Resident set after a full collection, in bytes: all of the above, OpenSSL's and V8's own, and what is free but not given back. */
  residentBytes(): Promise<number> {
    return this.#ask('resident');
  }

  #ask(type: 'cpu' | 'memory' | 'resident'): Promise<number> {
    this.#child.send({ type });
    return new Promise((resolve) => {
      const listener = (message: { type: string; value: number }) => {
        if (message.type !== type) return;
        this.#child.off('message', listener);
        resolve(message.value);
      };
      this.#child.on('message', listener);
    });
  }

  async stop(): Promise<void> {
    const exited = once(this.#child, 'exit');
    this.#child.disconnect();
    await exited;
  }
}

/** The other side of `ServerProcess`: answers its requests, and reports that it is ready. */
export function serve(onMessage: (message: never) => void): void {
  process.on('message', (message: { type: string }) => {
    if (message.type === 'cpu') process.send?.({ type: 'cpu', value: cpuMicroseconds() });
    else if (message.type === 'memory') process.send?.({ type: 'memory', value: memoryBytes() });
    else if (message.type === 'resident') process.send?.({ type: 'resident', value: residentBytes() });
    else onMessage(message as never);
  });
  // In an orderly manner, so that profiles are written.
  process.on('disconnect', () => process.exit(0));
  process.send?.({ type: 'ready' });
}

function cpuMicroseconds(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function residentBytes(): number {
  collect();
  return process.memoryUsage.rss();
}

/** Twice: what the first collection finalizes, the second one frees. */
function collect(): void {
  globalThis.gc?.();
  globalThis.gc?.();
}

function memoryBytes(): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
