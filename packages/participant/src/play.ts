import { createReadStream } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from '@rtcd/boundary';
import { ParticipantError } from './errors.ts';
import type { LocalVoice } from './local-voice.ts';
import { readOpus } from './ogg/read-opus.ts';

/** Options of `play`. */
export interface PlayOptions {
  /** Ends the playback; `play` then rejects with `ParticipantError` `aborted`. */
  readonly signal?: AbortSignal;
}

/** Ahead of the pace of real time: one packet, so that a late timer is not heard. */
const LEAD_MS = 20;
/** After a longer interruption of this process, what was missed is not sent in a burst: playback continues from there. */
const MAX_LATENESS_MS = 200;

/**
 * Sends an Ogg Opus file at the pace of real time: a path, or its bytes in chunks. Resolves at its end. Rejects with `ParticipantError` `malformed` or `aborted`,
 * and with the error of the file system.
 */
export async function play(
  voice: LocalVoice,
  file: string | URL | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  options: PlayOptions = {},
): Promise<void> {
  const { signal } = options;
  const chunks = typeof file === 'string' || file instanceof URL ? createReadStream(file) : file;
  let dueMs = performance.now();
  try {
    for await (const { packet, durationMs } of readOpus(chunks)) {
      signal?.throwIfAborted();
      const nowMs = performance.now();
      if (nowMs - dueMs > MAX_LATENESS_MS) dueMs = nowMs;
      if (dueMs - nowMs > LEAD_MS) await sleep(dueMs - nowMs - LEAD_MS, undefined, { signal });
      voice.send(packet);
      dueMs += durationMs;
    }
    await sleep(Math.max(0, dueMs - performance.now()), undefined, { signal });
  } catch (cause) {
    if (!signal?.aborted) throw cause;
    throw new ParticipantError('aborted', `playback was aborted: ${textOf(signal.reason)}`, { cause: signal.reason });
  }
}
