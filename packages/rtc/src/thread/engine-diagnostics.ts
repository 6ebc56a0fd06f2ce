import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { MessageChannel, type Worker } from 'node:worker_threads';
import type { EventLoopDelay, ThreadDiagnostics } from '@rtcd/boundary/diagnostics';
import { RtcError } from '../errors.ts';
import { fromPlainError } from './plain-error.ts';
import type { DiagnosticsAnswer, DiagnosticsQuestion, ToEngine } from './protocol.ts';

/** Diagnostics of the engine's thread, answered however many commands wait there. Rejects with `RtcError` `closed` if the thread ends meanwhile. */
export class EngineDiagnostics implements ThreadDiagnostics {
  readonly #worker: () => Worker;

  /** `worker` returns the thread of the engine that runs now, and throws if there is none. */
  constructor(worker: () => Worker) {
    this.#worker = worker;
  }

  async recordCpuProfile(durationMs: number, signal?: AbortSignal): Promise<object> {
    return this.#ask({ type: 'cpu_profile', durationMs }, signal);
  }

  async takeHeapSnapshot(): Promise<Readable> {
    return this.#worker().getHeapSnapshot();
  }

  async readEventLoopDelay(): Promise<EventLoopDelay> {
    return (await this.#ask({ type: 'event_loop_delay' })) as EventLoopDelay;
  }

  /** Each question has a port of its own, which closes with the thread. */
  async #ask(question: DiagnosticsQuestion, signal?: AbortSignal): Promise<object> {
    const worker = this.#worker();
    const { port1, port2 } = new MessageChannel();
    const message: ToEngine = { type: 'diagnose', question, reply: port2 };
    worker.postMessage(message, [port2]);
    const end = () => port1.postMessage('end');
    signal?.addEventListener('abort', end);
    try {
      const [answer] = await Promise.race([once(port1, 'message'), once(port1, 'close').then(() => [undefined])]);
      return found(answer as DiagnosticsAnswer | undefined);
    } finally {
      signal?.removeEventListener('abort', end);
      port1.close();
    }
  }
}

function found(answer: DiagnosticsAnswer | undefined): object {
  if (answer === undefined) throw new RtcError('closed', 'the engine of the SFU has ended');
  if ('error' in answer) throw fromPlainError(answer.error);
  return answer.found;
}
