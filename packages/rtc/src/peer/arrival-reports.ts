import { TransportCcRecorder } from '../rtcp/transport-cc-recorder.ts';
import { ssrcOf } from '../rtp/header.ts';
import { findHeaderExtension } from '../rtp/header-extensions.ts';

/** As often as libwebrtc reports at most. */
const INTERVAL_MS = 50;

/** Reports the arrivals of all packets with transport-wide numbers, as browsers do. */
export class ArrivalReports {
  readonly #recorder = new TransportCcRecorder();
  readonly #sendRtcp: (compound: Uint8Array) => void;
  #mediaSsrc = 0;
  #dueMs = Number.POSITIVE_INFINITY;

  constructor(sendRtcp: (compound: Uint8Array) => void) {
    this.#sendRtcp = sendRtcp;
  }

  /** Takes note of a packet, whose number is under the header extension id. */
  received(packet: Buffer, extensionId: number, nowMs: number): void {
    const at = findHeaderExtension(packet, extensionId);
    if (at < 0) return;
    this.#recorder.record(packet.readUInt16BE(at), nowMs);
    this.#mediaSsrc = ssrcOf(packet);
    this.#dueMs = Math.min(this.#dueMs, nowMs + INTERVAL_MS);
  }

  deadline(): number {
    return this.#dueMs;
  }

  timeout(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = Number.POSITIVE_INFINITY;
    for (let end = this.#write(); end > 0; end = this.#write()) this.#sendRtcp(scratch.subarray(0, end));
  }

  #write(): number {
    return this.#recorder.write(scratch, 0, 1, this.#mediaSsrc);
  }
}

const scratch = Buffer.alloc(1_200);
