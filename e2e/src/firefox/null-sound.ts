import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../until.ts';

/**
 * A sound server of its own without a device. On a machine that has no sound, Firefox starts no AudioContext, for want of
 * a clock.
 */
export class NullSound {
  readonly #process: ChildProcess;
  readonly environment: Readonly<Record<string, string>>;

  private constructor(process: ChildProcess, socket: string) {
    this.#process = process;
    this.environment = { PULSE_SERVER: `unix:${socket}` };
  }

  /** Starts PulseAudio with its socket in `folder`. */
  static async start(folder: string): Promise<NullSound> {
    const socket = join(folder, 'pulse');
    const options = ['-n', '--daemonize=no', '--use-pid-file=no', '--disable-shm', '--exit-idle-time=-1'];
    const modules = ['module-null-sink', `module-native-protocol-unix auth-anonymous=1 socket=${socket}`];
    const child = spawn('pulseaudio', [...options, ...modules.map((module) => `--load=${module}`)], {
      env: { ...process.env, PULSE_RUNTIME_PATH: folder },
      stdio: 'ignore',
    });
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
    });
    child.on('exit', (code) => {
      failure ??= new Error(`pulseaudio ended (${code})`);
    });
    await until(
      'pulseaudio listens',
      async () => {
        if (failure) throw failure;
        return existsSync(socket);
      },
      Boolean,
    );
    return new NullSound(child, socket);
  }

  async close(): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const exited = once(this.#process, 'exit');
    this.#process.kill();
    await exited;
  }
}
