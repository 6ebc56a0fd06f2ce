import type { Timers } from '@rtcd/boundary';
import { PatientTimer } from '../patient-timer.ts';
import { Timer } from '../timer.ts';

export interface LivenessTimes {
  readonly pingIntervalMs: number;
  readonly pongTimeoutMs: number;
}

/** Pings one connection at a fixed interval and gives it up when no pong has come for too long (contract section 3). */
export class Liveness {
  readonly #times: LivenessTimes;
  readonly #nextPing: Timer;
  readonly #pongDeadline: PatientTimer;

  constructor(times: LivenessTimes, clock: Timers, owner: { ping(): void; onDead(): void }) {
    this.#times = times;
    this.#nextPing = new Timer(clock, () => {
      this.#nextPing.start(times.pingIntervalMs);
      owner.ping();
    });
    this.#pongDeadline = new PatientTimer(clock, () => owner.onDead());
    this.#nextPing.start(times.pingIntervalMs);
    this.#pongDeadline.start(times.pongTimeoutMs);
  }

  pong(): void {
    if (this.#pongDeadline.isRunning) this.#pongDeadline.start(this.#times.pongTimeoutMs);
  }

  /** The socket is not read, so that no pong can come. */
  suspend(): void {
    this.#pongDeadline.stop();
  }

  /** The socket is read again. */
  resume(): void {
    if (this.#nextPing.isRunning) this.#pongDeadline.start(this.#times.pongTimeoutMs);
  }

  stop(): void {
    this.#nextPing.stop();
    this.#pongDeadline.stop();
  }
}
