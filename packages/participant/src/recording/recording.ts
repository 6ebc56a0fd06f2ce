import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { check, validate } from '@rtcd/boundary';
import type { TrackType } from '@rtcd/protocol';
import type { ReceivedFrame } from '@rtcd/rtc/peer';
import type { Call } from '../call.ts';
import type { CallTrack } from '../call-track.ts';
import { ParticipantError } from '../errors.ts';
import { FileNames } from './file-names.ts';
import { OutputFile } from './output-file.ts';
import { VideoFile } from './video-file.ts';
import { VoiceFile } from './voice-file.ts';

/** One file of a recording. */
export interface RecordedFile {
  /** Its name in the folder. */
  readonly name: string;
  readonly type: TrackType;
  /** Session that was recorded. */
  readonly sessionID: string;
  /** Time from the beginning of the recording to the first frame. Players that show the file from there are in step with the others. */
  readonly firstFrameMs: number;
}

/** A recording that has ended. It is also in its folder, as `recording.json`. */
export interface RecordingResult {
  /** Time at which it began, as in `Date.prototype.toISOString`. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly files: readonly RecordedFile[];
}

interface OpenFile extends RecordedFile {
  readonly output: OutputFile;
  readonly content: VoiceFile | VideoFile;
}

const MANIFEST = 'recording.json';
const ADVANCE_EVERY_MS = 500;
/** Frames that are later than this are left out: more than the jitter of voices that reach a conference at all. */
const MAX_LATENESS_MS = 1_000;
/** A video that began before the recording needs a key frame. SFUs pass on one request per second. */
const KEYFRAME_REQUEST_MS = 1_000;
const TRACK_EVENTS = ['voice', 'screen', 'screenAudio', 'video'] as const;

/**
 * Records everything that a call hears and sees to a folder, which is created if it is not there: an Ogg Opus file for each session's voice and for the sound of its screen,
 * and a WebM file for each share of a screen or camera. All begin at the same moment and are in step, over mutes, joins, and leaves. Rejects with `ParticipantError` `invalid_option`,
 * also for a folder that is not empty, and with the error of the file system.
 */
export async function record(call: Call, folder: string): Promise<Recording> {
  validate('folder', folder, check.nonEmptyString, (message) => new ParticipantError('invalid_option', message));
  await mkdir(folder, { recursive: true });
  if ((await readdir(folder)).length > 0) {
    throw new ParticipantError('invalid_option', `the folder ${folder} is not empty: take another one`);
  }
  return new Recording(call, folder);
}

/** A recording that is made. Made by `record`. */
export class Recording {
  readonly folder: string;
  readonly #call: Call;
  readonly #startedAt = new Date().toISOString();
  readonly #startMs: number;
  readonly #names = new FileNames();
  readonly #files: OpenFile[] = [];
  /** Voices by session and type: one that is published again continues in its file. */
  readonly #voices = new Map<string, OpenFile>();
  readonly #stopListening: (() => void)[] = [];
  readonly #timer: ReturnType<typeof setInterval>;
  #stopped: Promise<RecordingResult> | undefined;

  /** @internal */
  constructor(call: Call, folder: string) {
    this.folder = folder;
    this.#call = call;
    this.#startMs = call.nowMs;
    const onTrack = (track: CallTrack) => this.#addTrack(track);
    for (const event of TRACK_EVENTS) {
      call.on(event, onTrack);
      this.#stopListening.push(() => call.off(event, onTrack));
    }
    for (const track of call.tracks) onTrack(track);
    this.#timer = setInterval(() => this.#advance(this.#nowMs - MAX_LATENESS_MS), ADVANCE_EVERY_MS);
  }

  /**
   * Ends the recording and closes its files. Rejects with `ParticipantError` `write_failed` if one of them could not be written; the others are
   * complete. Returns the same promise each time.
   */
  stop(): Promise<RecordingResult> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  get #nowMs(): number {
    return this.#call.nowMs - this.#startMs;
  }

  #addTrack(track: CallTrack): void {
    let file: OpenFile | undefined;
    let requestedMs = Number.NEGATIVE_INFINITY;
    const onFrame = (frame: ReceivedFrame) => {
      const atMs = frame.timeMs - this.#startMs;
      // Frames on their way when the recording began.
      if (atMs < 0) return;
      file ??= this.#fileFor(track, atMs);
      if (file.content.add(frame, atMs) || track.kind === 'audio' || atMs < requestedMs + KEYFRAME_REQUEST_MS) return;
      requestedMs = atMs;
      track.requestKeyframe();
    };
    track.on('frame', onFrame);
    this.#stopListening.push(() => track.off('frame', onFrame));
  }

  #fileFor({ kind, type, sessionID }: CallTrack, atMs: number): OpenFile {
    const key = `${type} ${sessionID}`;
    const known = this.#voices.get(key);
    if (known) return known;
    const name = this.#names.next(type, sessionID, kind === 'video' ? 'webm' : 'ogg');
    const output = new OutputFile(join(this.folder, name));
    const content = kind === 'video' ? new VideoFile(output) : new VoiceFile(output);
    const file = { output, content, name, type, sessionID, firstFrameMs: Math.round(atMs) };
    this.#files.push(file);
    if (kind === 'audio') this.#voices.set(key, file);
    return file;
  }

  #advance(untilMs: number): void {
    for (const { content } of this.#voices.values()) if (content instanceof VoiceFile) content.advance(untilMs);
  }

  async #stop(): Promise<RecordingResult> {
    const durationMs = Math.round(this.#nowMs);
    clearInterval(this.#timer);
    for (const stopListening of this.#stopListening) stopListening();
    for (const { content } of this.#files) content.end(durationMs);
    const failures = await Promise.all(this.#files.map(({ output }) => output.close()));
    const files = this.#files.map(({ name, type, sessionID, firstFrameMs }) => ({
      name,
      type,
      sessionID,
      firstFrameMs,
    }));
    const result = { startedAt: this.#startedAt, durationMs, files };
    const manifest = writeFile(join(this.folder, MANIFEST), `${JSON.stringify(result, undefined, 2)}\n`);
    failures.push(await manifest.catch((error: unknown) => error));
    const cause = failures.find((failure) => failure !== undefined);
    if (cause !== undefined)
      throw new ParticipantError('write_failed', `recording to ${this.folder} failed`, { cause });
    return result;
  }
}
