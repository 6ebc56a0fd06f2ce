import { Worker } from 'node:worker_threads';
import type { LocalAddress } from '@rtcd/packet-io';
import { RtcError } from '../errors.ts';
import type { Candidate } from '../ice/candidate.ts';
import type { EngineAnswers, EngineQuestion } from '../sfu/questions.ts';
import { fromPlainError } from './plain-error.ts';
import type { EngineReport, EngineThreadOptions, FromEngine, GroupCommand, ToEngine } from './protocol.ts';

/**
 * Short collections: each halts the packets, and takes time for all young objects that live, as those of sessions do that
 * are opened in a burst. Three times the size of V8's semi-space.
 */
const YOUNG_GENERATION_MIB = 6;

export interface EngineLinkOwner {
  onReport(report: EngineReport): void;
  /** The thread has ended by itself. */
  onLost(error: Error): void;
}

interface Pending {
  resolve(answer: EngineAnswers[keyof EngineAnswers]): void;
  reject(error: Error): void;
}

/** The owner's end of an engine's thread. Commands of one turn of the event loop go in one message. */
export class EngineLink {
  readonly #worker: Worker;
  readonly #owner: EngineLinkOwner;
  #localAddresses: readonly LocalAddress[] = [];
  #candidates: readonly Candidate[] = [];
  #commands: GroupCommand[] = [];
  readonly #questions = new Map<number, Pending>();
  #lastQuestion = 0;
  #isOpen = false;
  #isClosing = false;
  readonly #opened = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<void>();

  private constructor(options: EngineThreadOptions, owner: EngineLinkOwner) {
    this.#owner = owner;
    // The same module in the sources and in the package.
    const program = import.meta.url.endsWith('.ts') ? './engine-thread.ts' : './engine-thread.js';
    this.#worker = new Worker(new URL(program, import.meta.url), {
      workerData: options,
      name: 'rtcd engine',
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MIB },
    });
    this.#worker.on('message', (message: FromEngine) => this.#receive(message));
    let failure: Error | undefined;
    this.#worker.on('error', (error) => {
      failure = error as Error;
    });
    // Comes last, when all that the thread has reported was received.
    this.#worker.on('exit', (code) => {
      this.#onEnd(failure ?? new Error(`the engine's thread has ended with code ${code}`));
      this.#exited.resolve();
    });
  }

  /** Starts the thread and opens the sockets there. Rejects as `openSfu` does. */
  static async open(options: EngineThreadOptions, owner: EngineLinkOwner): Promise<EngineLink> {
    const link = new EngineLink(options, owner);
    try {
      await link.#opened.promise;
    } catch (error) {
      await link.#terminate();
      throw error;
    }
    return link;
  }

  get localAddresses(): readonly LocalAddress[] {
    return this.#localAddresses;
  }

  get candidates(): readonly Candidate[] {
    return this.#candidates;
  }

  /** The thread. Throws `RtcError` `closed` once it has ended. */
  get worker(): Worker {
    if (!this.#isOpen) throw hasEnded();
    return this.#worker;
  }

  command(command: GroupCommand): void {
    if (this.#commands.length === 0) queueMicrotask(() => this.#flush());
    this.#commands.push(command);
  }

  /** Asks about what the commands so far have led to. Rejects with `RtcError` `closed` if the engine ends before it answers. */
  ask<Type extends EngineQuestion['type']>(
    question: Extract<EngineQuestion, { readonly type: Type }>,
  ): Promise<EngineAnswers[Type]> {
    if (!this.#isOpen) return Promise.reject(hasEnded());
    this.#flush();
    const id = ++this.#lastQuestion;
    const { promise, resolve, reject } = Promise.withResolvers<EngineAnswers[keyof EngineAnswers]>();
    this.#questions.set(id, { resolve, reject });
    this.#post({ type: 'question', id, question });
    return promise as Promise<EngineAnswers[Type]>;
  }

  /** Ends the engine and its thread, after it has reported what that led to. */
  async close(): Promise<void> {
    if (!this.#isClosing && this.#isOpen) {
      this.#isClosing = true;
      this.#flush();
      this.#post({ type: 'close' });
    }
    await this.#exited.promise;
  }

  #receive(message: FromEngine): void {
    switch (message.type) {
      case 'opened':
        this.#isOpen = true;
        this.#localAddresses = message.localAddresses;
        this.#candidates = message.candidates;
        return this.#opened.resolve();
      case 'failed':
        return this.#opened.reject(fromPlainError(message.error));
      case 'report':
        this.#post({ type: 'received' });
        return this.#owner.onReport(message);
      case 'answer':
        return this.#takeQuestion(message.id)?.resolve(message.answer);
      case 'answer_failed':
        return this.#takeQuestion(message.id)?.reject(fromPlainError(message.error));
      case 'unhandled':
        // Thrown here, so that the process's own handler decides.
        return void setImmediate(() => {
          throw fromPlainError(message.error);
        });
      case 'closed':
        return void this.#terminate();
      default:
        message satisfies never;
    }
  }

  #takeQuestion(id: number): Pending | undefined {
    const question = this.#questions.get(id);
    this.#questions.delete(id);
    return question;
  }

  #onEnd(error: Error): void {
    this.#opened.reject(error);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const { reject } of this.#questions.values()) reject(hasEnded());
    this.#questions.clear();
    if (!this.#isClosing) this.#owner.onLost(error);
  }

  #flush(): void {
    const commands = this.#commands;
    if (commands.length === 0) return;
    this.#commands = [];
    this.#post({ type: 'commands', commands });
  }

  #post(message: ToEngine): void {
    this.#worker.postMessage(message);
  }

  async #terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}

const hasEnded = () => new RtcError('closed', 'the SFU is closed');
