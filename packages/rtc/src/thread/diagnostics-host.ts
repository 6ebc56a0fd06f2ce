import type { MessagePort } from 'node:worker_threads';
import { threadDiagnostics } from '@rtcd/boundary/diagnostics';
import { toPlainError } from './plain-error.ts';
import type { DiagnosticsAnswer, DiagnosticsQuestion } from './protocol.ts';

/** The thread's end of `EngineDiagnostics`. */
export class DiagnosticsHost {
  readonly #diagnostics = threadDiagnostics();

  /** Answers on the port, which then closes. A message from the other side, or its end, ends what takes long. */
  async answer(question: DiagnosticsQuestion, reply: MessagePort): Promise<void> {
    const ended = new AbortController();
    reply.once('message', () => ended.abort());
    reply.once('close', () => ended.abort());
    const answer = await this.#look(question, ended.signal).then(
      (found): DiagnosticsAnswer => ({ found }),
      (error): DiagnosticsAnswer => ({ error: toPlainError(error) }),
    );
    reply.postMessage(answer);
    reply.close();
  }

  async #look(question: DiagnosticsQuestion, signal: AbortSignal): Promise<object> {
    switch (question.type) {
      case 'cpu_profile':
        return this.#diagnostics.recordCpuProfile(question.durationMs, signal);
      case 'event_loop_delay':
        return this.#diagnostics.readEventLoopDelay();
      default:
        return question satisfies never;
    }
  }
}
