import { RtcMessageType } from '@rtcd/protocol';
import type { EngineEvent, SessionNumber } from '../sfu/messages.ts';

/** Descriptions of one session that wait: an answer, an offer, and that again. Those before have been superseded. */
const MAX_DESCRIPTIONS = 4;
/** Refusals of all sessions that wait. They are for the log. */
const MAX_REFUSALS = 1_000;

/** Events since those before. */
export interface EventBatch {
  readonly events: readonly EngineEvent[];
  /** Events that were left out. */
  readonly dropped: number;
  /** Sessions whose descriptions were left out. */
  readonly interrupted: readonly SessionNumber[];
}

interface Waiting {
  voiceActivity: EngineEvent | undefined;
  readonly descriptions: EngineEvent[];
}

/**
 * Events that wait until the owner takes them. As long as it does not, they are bounded by the number of sessions: the end of each is kept, of its voice activity the latest,
 * and of its descriptions the latest few.
 */
export class EventQueue {
  /** In their order. */
  #events = new Set<EngineEvent>();
  #sessions = new Map<SessionNumber, Waiting>();
  #refusals = 0;
  #dropped = 0;
  #interrupted = new Set<SessionNumber>();

  add(event: EngineEvent): void {
    switch (event.type) {
      case 'session_closed':
        break;
      case 'message':
        this.#makeRoom(event);
        break;
      case 'refused':
        if (this.#refusals >= MAX_REFUSALS) {
          this.#dropped++;
          return;
        }
        this.#refusals++;
        break;
      default:
        event satisfies never;
    }
    this.#events.add(event);
  }

  take(): EventBatch {
    const batch = { events: [...this.#events], dropped: this.#dropped, interrupted: [...this.#interrupted] };
    this.#events = new Set();
    this.#sessions = new Map();
    this.#refusals = 0;
    this.#dropped = 0;
    this.#interrupted = new Set();
    return batch;
  }

  #makeRoom(event: Extract<EngineEvent, { readonly type: 'message' }>): void {
    const { session, message } = event;
    const waiting = this.#sessions.get(session) ?? { voiceActivity: undefined, descriptions: [] };
    this.#sessions.set(session, waiting);
    if (message.type === RtcMessageType.SDP) {
      waiting.descriptions.push(event);
      if (waiting.descriptions.length <= MAX_DESCRIPTIONS) return;
      this.#drop(waiting.descriptions.shift()!);
      this.#interrupted.add(session);
    } else {
      if (waiting.voiceActivity) this.#drop(waiting.voiceActivity);
      waiting.voiceActivity = event;
    }
  }

  #drop(event: EngineEvent): void {
    this.#events.delete(event);
    this.#dropped++;
  }
}
