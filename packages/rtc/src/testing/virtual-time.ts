/** Interface of each sans-IO part towards a clock. */
export interface Timed {
  /** Time when `timeout` is due, in ms; Infinity if not at all. */
  deadline(): number;
  /** Does what is due. */
  timeout(nowMs: number): void;
}

interface Scheduled {
  readonly atMs: number;
  /** Order of scheduling: of two events at the same time, the one scheduled first runs first. */
  readonly order: number;
  run: (() => void) | undefined;
}

/** More steps than that without time moving on are a deadline that stays in the past. */
const MAX_STEPS_AT_ONCE = 100_000;

/** A clock that advances only on request, straight from one event to the next. */
export class VirtualTime {
  #nowMs: number;
  #order = 0;
  #stepsAtOnce = 0;
  /** A binary heap: what comes next is at its root. */
  readonly #queue: Scheduled[] = [];
  readonly #timed = new Set<Timed>();

  constructor(startMs = 0) {
    this.#nowMs = startMs;
  }

  /** In ms since the start. */
  get nowMs(): number {
    return this.#nowMs;
  }

  /** Calls `run` at that time, or as the next thing if it has passed. Returns how to cancel. */
  schedule(atMs: number, run: () => void): () => void {
    const scheduled: Scheduled = { atMs: Math.max(atMs, this.#nowMs), order: this.#order++, run };
    this.#enqueue(scheduled);
    return () => {
      scheduled.run = undefined;
    };
  }

  /** From now on calls `timeout` whenever `deadline` has come. Returns how to stop that. */
  attach(timed: Timed): () => void {
    this.#timed.add(timed);
    return () => {
      this.#timed.delete(timed);
    };
  }

  /** Lets everything happen that is due up to `untilMs`, and is there then. */
  runUntil(untilMs: number): void {
    while (this.#step(untilMs));
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** As `runUntil`, from now on. */
  runFor(durationMs: number): void {
    this.runUntil(this.#nowMs + durationMs);
  }

  /** Lets things happen while `pending`. False if it still was when `limitMs` came, or when nothing was left to happen. */
  runWhile(pending: () => boolean, limitMs: number): boolean {
    while (pending()) if (!this.#step(limitMs)) return false;
    return true;
  }

  /** The next event or timeout, if there is one by `untilMs`. */
  #step(untilMs: number): boolean {
    const scheduled = this.#queue[0]!;
    const timed = this.#nextTimed();
    const scheduledMs = scheduled?.atMs ?? Number.POSITIVE_INFINITY;
    const timedMs = timed ? Math.max(timed.deadline(), this.#nowMs) : Number.POSITIVE_INFINITY;
    const nextMs = Math.min(scheduledMs, timedMs);
    if (nextMs > untilMs || nextMs === Number.POSITIVE_INFINITY) return false;

    this.#advance(nextMs);
    if (scheduledMs <= timedMs) {
      this.#dequeue();
      scheduled.run?.();
    } else {
      timed?.timeout(nextMs);
    }
    return true;
  }

  #advance(toMs: number): void {
    this.#stepsAtOnce = toMs > this.#nowMs ? 0 : this.#stepsAtOnce + 1;
    if (this.#stepsAtOnce > MAX_STEPS_AT_ONCE) throw new Error(`virtual time does not advance beyond ${toMs} ms`);
    this.#nowMs = toMs;
  }

  #nextTimed(): Timed | undefined {
    let next: Timed | undefined;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const timed of this.#timed) {
      const deadlineMs = timed.deadline();
      if (deadlineMs >= nextMs) continue;
      next = timed;
      nextMs = deadlineMs;
    }
    return next;
  }

  #enqueue(scheduled: Scheduled): void {
    const queue = this.#queue;
    let index = queue.push(scheduled) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isSooner(scheduled, queue[parent]!)) break;
      queue[index] = queue[parent]!;
      index = parent;
    }
    queue[index] = scheduled;
  }

  #dequeue(): void {
    const queue = this.#queue;
    const last = queue.pop();
    if (last === undefined || queue.length === 0) return;
    let index = 0;
    for (let child = 1; child < queue.length; child = 2 * index + 1) {
      if (child + 1 < queue.length && isSooner(queue[child + 1]!, queue[child]!)) child++;
      if (!isSooner(queue[child]!, last)) break;
      queue[index] = queue[child]!;
      index = child;
    }
    queue[index] = last;
  }
}

function isSooner(a: Scheduled, b: Scheduled): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
