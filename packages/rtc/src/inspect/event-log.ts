/** Events of a session between its join and its end, apart from packets. */
export type SessionEventName =
  | 'offer received'
  | 'offer sent'
  | 'answer received'
  | 'answer sent'
  | 'description ignored'
  | 'message refused'
  | 'message limit exceeded'
  | 'signaling failure'
  | 'client reconnected'
  | 'process resumed'
  | 'ice state'
  | 'ice restarted'
  | 'path selected'
  | 'dtls phase'
  | 'dtls flight retransmitted'
  | 'dtls message rejected'
  | 'keys changed'
  | 'connection replaced'
  | 'goodbye received'
  | 'channel opened'
  | 'track published'
  | 'track unpublished'
  | 'codec changed'
  | 'track not decodable'
  | 'media started'
  | 'video chosen'
  | 'closed';

/** One entry of a session's log. */
export interface SessionEvent {
  /** Milliseconds since the join. */
  readonly atMs: number;
  readonly event: SessionEventName;
  /** Subject or reason of the event. Empty if there is nothing to add. */
  readonly detail: string;
}

/** The steps of a session, in the usual order: a peer that speaks at once reaches `media` before `channel`. */
export type SessionStep = 'offer' | 'ice' | 'dtls' | 'channel' | 'media';

/** Time when each step was reached, in milliseconds since the join. */
export type StepTimes = Readonly<Partial<Record<SessionStep, number>>>;

/** Entries kept. A call of ten people who join one by one takes about fifty. */
export const MAX_EVENTS = 128;
/** Peers choose parts of some details. */
const MAX_DETAIL_CHARACTERS = 200;

/** The last events of one session, and the steps that it has reached. */
export class EventLog {
  readonly #startedMs: number;
  readonly #ring: SessionEvent[] = [];
  #count = 0;
  #steps: Partial<Record<SessionStep, number>> = {};

  constructor(startedMs: number) {
    this.#startedMs = startedMs;
  }

  record(event: SessionEventName, nowMs: number, detail = ''): void {
    const atMs = Math.round(nowMs - this.#startedMs);
    this.#ring[this.#count % MAX_EVENTS] = { atMs, event, detail: detail.slice(0, MAX_DETAIL_CHARACTERS) };
    this.#count += 1;
  }

  /** Takes down when a step was reached first. */
  reach(step: SessionStep, nowMs: number): void {
    this.#steps[step] ??= Math.round(nowMs - this.#startedMs);
  }

  /** The peer begins with a new connection: the steps of its old one do not count. */
  forgetConnection(): void {
    const { offer, ice } = this.#steps;
    this.#steps = { ...(offer !== undefined && { offer }), ...(ice !== undefined && { ice }) };
  }

  ageMs(nowMs: number): number {
    return Math.round(nowMs - this.#startedMs);
  }

  get reachedMs(): StepTimes {
    return { ...this.#steps };
  }

  /** Events that are not kept any more. */
  get forgotten(): number {
    return Math.max(0, this.#count - MAX_EVENTS);
  }

  /** Those kept, oldest first. */
  get events(): readonly SessionEvent[] {
    const start = this.#count % MAX_EVENTS;
    return this.#count <= MAX_EVENTS ? [...this.#ring] : [...this.#ring.slice(start), ...this.#ring.slice(0, start)];
  }

  /** The same as lines for a log. */
  get lines(): readonly string[] {
    return this.events.map(({ atMs, event, detail }) => `${atMs} ms: ${event}${detail === '' ? '' : ` (${detail})`}`);
  }
}
