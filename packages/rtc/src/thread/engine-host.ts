import { RtcMessageType } from '@rtcd/protocol';
import { FairQueue } from '../messages/fair-queue.ts';
import type { Engine } from '../sfu/engine.ts';
import type { EngineCommand, EngineEvent } from '../sfu/messages.ts';
import { openEngine } from '../sfu/open-engine.ts';
import type { EngineAnswers, EngineQuestion } from '../sfu/questions.ts';
import { addCommand, type Load } from './backlog.ts';
import { EventQueue } from './event-queue.ts';
import { LogRecorder } from './log-relay.ts';
import { MetricsRecorder } from './metrics-relay.ts';
import { toPlainError } from './plain-error.ts';
import type { EngineThreadOptions, FromEngine, GroupCommand, ToEngine } from './protocol.ts';

type QuestionMessage = Extract<ToEngine, { readonly type: 'question' }>;

/** Time for commands in one turn of the event loop: packets that arrive meanwhile wait for so long. */
const COMMANDS_SLICE_MS = 2;
/** Observations are sent on after this time, and with the next answer to a scrape. */
const METRICS_INTERVAL_MS = 1_000;

/**
 * An engine on a thread of its own: does the commands that arrive in messages, and reports in messages. The next report waits until the one before was
 * taken, so that a busy owner finds one that is bounded, and not a queue of them.
 */
export class EngineHost {
  readonly #post: (message: FromEngine) => void;
  readonly #commands = new FairQueue<GroupCommand>();
  #commandsTaken = 0;
  #commandsDone = 0;
  /** Questions that wait until as many commands are done as had come before them, the oldest first. */
  readonly #questions: { readonly message: QuestionMessage; readonly afterCommands: number }[] = [];
  /** Time until which commands are done in this turn, undefined if none were. */
  #sliceEndMs: number | undefined;
  readonly #log = new LogRecorder(() => this.#reportSoon());
  readonly #metrics = new MetricsRecorder();
  #metricsTimer: NodeJS.Timeout | undefined;
  readonly #events = new EventQueue();
  #done = new Map<string, Load>();
  #isReporting = false;
  /** Reports that the owner has not taken yet. */
  #unreadReports = 0;
  /** Something has happened since the last report. */
  #isReportDue = false;
  #engine: Engine | undefined;
  readonly #captures = new Map<number, () => Uint8Array>();
  #lastCapture = 0;

  constructor(post: (message: FromEngine) => void) {
    this.#post = post;
  }

  /** Opens the engine, and tells whether that succeeded. */
  async open(options: EngineThreadOptions): Promise<void> {
    try {
      const engine = await openEngine(
        { ...options, logger: this.#log.logger(), metrics: this.#metrics.metrics },
        (event) => this.#add(event),
      );
      this.#engine = engine;
      const { localAddresses, candidates } = engine;
      // The owner must log these lines before its own about the open engine.
      this.#report();
      this.#post({ type: 'opened', localAddresses, candidates });
      this.#metricsTimer = setInterval(() => this.#reportSoon(), METRICS_INTERVAL_MS);
    } catch (error) {
      this.#report();
      this.#post({ type: 'failed', error: toPlainError(error) });
    }
  }

  receive(message: Exclude<ToEngine, { readonly type: 'diagnose' }>): void {
    switch (message.type) {
      case 'commands':
        for (const command of message.commands) this.#commands.push(command.groupID, command);
        this.#commandsTaken += message.commands.length;
        this.#work();
        return;
      case 'received':
        this.#unreadReports--;
        if (this.#isReportDue) this.#reportSoon();
        return;
      case 'question':
        this.#questions.push({ message, afterCommands: this.#commandsTaken });
        return this.#answerQuestions();
      case 'close':
        return void this.#close();
      default:
        message satisfies never;
    }
  }

  /**
   * Does commands for a while, but not after a description, and the others in the next turns, after the packets that have arrived. Messages of one turn
   * share its slice.
   */
  #work(): void {
    this.#sliceEndMs ??= this.#beginSlice();
    while (!this.#commands.isEmpty && performance.now() < this.#sliceEndMs) {
      const { groupID, command } = this.#commands.shift()!;
      if (isDescription(command)) this.#sliceEndMs = 0;
      // One that hits a bug counts as well: questions would wait for it forever.
      addCommand(this.#done, groupID, command);
      this.#commandsDone++;
      this.#reportSoon();
      this.#engine?.handle(command);
    }
    this.#answerQuestions();
  }

  #beginSlice(): number {
    setImmediate(() => {
      this.#sliceEndMs = undefined;
      if (!this.#commands.isEmpty) this.#work();
    });
    return performance.now() + COMMANDS_SLICE_MS;
  }

  #answerQuestions(): void {
    for (let [next] = this.#questions; next && next.afterCommands <= this.#commandsDone; [next] = this.#questions) {
      const { id, question } = next.message;
      this.#questions.shift();
      const answer = this.#tryToAnswer(id, question);
      // Events that led to the answer come first.
      this.#report();
      this.#post(answer);
    }
  }

  #tryToAnswer(id: number, question: EngineQuestion): FromEngine {
    try {
      return { type: 'answer', id, answer: this.#answer(question) };
    } catch (error) {
      return { type: 'answer_failed', id, error: toPlainError(error) };
    }
  }

  #answer(question: EngineQuestion): EngineAnswers[keyof EngineAnswers] {
    const engine = this.#engine!;
    switch (question.type) {
      case 'totals':
        return engine.totals();
      case 'sessions':
        return engine.summaries();
      case 'session':
        return engine.inspect(question.session);
      case 'calls':
        return engine.callSummaries();
      case 'call':
        return engine.inspectCall(question.groupID, question.callID);
      case 'start_capture':
        return this.#startCapture(engine.startCapture(question.session));
      case 'stop_capture':
        return this.#stopCapture(question.capture);
      default:
        return question satisfies never;
    }
  }

  #startCapture(stop: (() => Uint8Array) | undefined): number | undefined {
    if (stop === undefined) return undefined;
    this.#captures.set(++this.#lastCapture, stop);
    return this.#lastCapture;
  }

  #stopCapture(capture: number): Uint8Array {
    const stop = this.#captures.get(capture);
    this.#captures.delete(capture);
    return stop?.() ?? new Uint8Array(0);
  }

  async #close(): Promise<void> {
    clearInterval(this.#metricsTimer);
    await this.#engine?.close();
    this.#report();
    this.#post({ type: 'closed' });
  }

  #add(event: EngineEvent): void {
    this.#events.add(standalone(event));
    this.#reportSoon();
  }

  #reportSoon(): void {
    this.#isReportDue = true;
    if (this.#isReporting || this.#unreadReports > 0) return;
    this.#isReporting = true;
    setImmediate(() => {
      this.#isReporting = false;
      if (this.#isReportDue && this.#unreadReports === 0) this.#report();
    });
  }

  #report(): void {
    this.#isReportDue = false;
    this.#unreadReports++;
    const { events, dropped, interrupted } = this.#events.take();
    this.#post({
      type: 'report',
      events,
      dropped,
      done: this.#done,
      logs: this.#log.take(),
      metrics: this.#metrics.take(),
    });
    this.#done = new Map();
    for (const session of interrupted) this.#engine?.handle({ type: 'resume', session });
  }
}

/** Descriptions take longer to read than all other commands together. */
const isDescription = (command: EngineCommand): boolean =>
  command.type === 'message' && command.message.type === RtcMessageType.SDP;

/** Cloning bytes clones all of the memory that they are a part of, and loses the class of an error. */
function standalone(event: EngineEvent): EngineEvent {
  if (event.type === 'message')
    return { ...event, message: { ...event.message, data: new Uint8Array(event.message.data) } };
  if (event.type === 'refused' && event.cause !== undefined) return { ...event, cause: toPlainError(event.cause) };
  return event;
}
