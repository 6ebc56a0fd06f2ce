import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Command, PeerEvent } from './contract.ts';

/** A running peer program: hosts peers, takes commands, and emits events. */
export interface PeerProgram {
  /** Adds a peer: `send` gives it commands, `onEvent` hears from it. */
  addPeer(onEvent: (event: PeerEvent) => void): PeerHandle;
  /** Log of the program, for a failed test. */
  readonly log: readonly string[];
  close(): Promise<void>;
}

export interface PeerHandle {
  send(command: Command): void;
}

/** Gives each peer its name and routes events by it. The shared half of every PeerProgram. */
export class PeerRouter {
  readonly #write: (line: string) => void;
  readonly #listeners = new Map<string, (event: PeerEvent) => void>();

  /** `write` passes a line on to the program. */
  constructor(write: (line: string) => void) {
    this.#write = write;
  }

  addPeer(onEvent: (event: PeerEvent) => void): PeerHandle {
    const peer = `p${this.#listeners.size + 1}`;
    this.#listeners.set(peer, onEvent);
    return { send: (command) => this.#write(JSON.stringify({ peer, ...command })) };
  }

  /** Takes a line that the program wrote. */
  receive(line: string): void {
    const { peer, ...event } = JSON.parse(line) as PeerEvent & { readonly peer: string };
    this.#listeners.get(peer)?.(event as PeerEvent);
  }

  /** Tells all peers that the program is gone. */
  fail(message: string): void {
    for (const listener of this.#listeners.values()) listener({ event: 'error', message });
  }
}

export interface SpawnOptions {
  readonly command: string;
  readonly args?: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program that speaks the contract on stdin and stdout. */
export function spawnProgram({ command, args = [], cwd, env }: SpawnOptions): PeerProgram {
  const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  const log: string[] = [];
  const router = new PeerRouter((line) => child.stdin.write(`${line}\n`));
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.push(text));
  createInterface(child.stdout).on('line', (line) => {
    try {
      router.receive(line);
    } catch {
      log.push(`not an event: ${line}\n`);
    }
  });
  child.stdin.on('error', (error) => log.push(`${error.message}\n`));
  child.on('error', (error) => router.fail(`${command} did not start: ${error.message}`));
  child.on('exit', (code, signal) => router.fail(`${command} ended (${signal ?? code}): ${log.slice(-20).join('')}`));
  return { addPeer: (onEvent) => router.addPeer(onEvent), log, close: () => stop(child) };
}

const stopGraceMs = 5_000;

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), stopGraceMs);
  await exited;
  clearTimeout(timer);
}
