import type { Clock } from '../ports.ts';
import { Capture, type Endpoints } from './capture.ts';
import type { CaptureTap } from './capture-tap.ts';

export interface SessionRecordingOptions {
  readonly clock: Clock;
  readonly tap: CaptureTap;
  /** Ends of the path that the session sends on. */
  readonly endpoints: () => Endpoints | undefined;
}

/** The recording of one session's packets while it runs: received ones from the session, sent ones from the tap. */
export class SessionRecording {
  readonly #options: SessionRecordingOptions;
  #capture: Capture | undefined;
  /** packet-io's number of the peer. */
  #slot: number | undefined;

  constructor(options: SessionRecordingOptions) {
    this.#options = options;
  }

  /** Starts to record, `maxBytes` of a file at most, until `stop`. Returns false if a recording runs. */
  start(maxBytes: number): boolean {
    if (this.#capture) return false;
    const { clock, endpoints } = this.#options;
    this.#capture = new Capture({ endpoints: endpoints(), maxBytes, unixMs: () => clock.unixMs() });
    this.#attach();
    return true;
  }

  /** Ends the recording and returns it as a pcapng file; undefined if there is none. */
  stop(): Buffer | undefined {
    const capture = this.#capture;
    this.#capture = undefined;
    if (capture) this.#options.tap.detach(capture);
    return capture?.finish();
  }

  connected(slot: number): void {
    this.#slot = slot;
    this.#attach();
  }

  disconnected(): void {
    this.#slot = undefined;
  }

  receivedRtp(packet: Buffer): void {
    this.#capture?.receivedRtp(packet);
  }

  receivedRtcp(compound: Buffer): void {
    this.#capture?.rtcp(compound, 'inbound');
  }

  #attach(): void {
    if (this.#capture && this.#slot !== undefined) this.#options.tap.attach(this.#slot, this.#capture);
  }
}
