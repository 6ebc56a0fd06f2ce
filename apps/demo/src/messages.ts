import { z } from 'zod';
import type { Inspection } from './inspection.ts';

/**
 * The demo's own signaling between a page and this server: one JSON object per WebSocket text message.
 * The page imports the types alone; only the server validates, because only the server hears strangers.
 */

/** Longest accepted message in bytes. An offer for a hundred tracks is about 80 KiB. */
export const maxBrowserMessageBytes = 256 * 1024;

const label = z.string().trim().min(1).max(48);

const browserMessageSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('join'),
    room: label,
    name: label,
    microphone: z.boolean(),
    /** The page sends and receives AV1 beside VP8. */
    av1: z.boolean().default(false),
  }),
  /** The page had lost its connection: it continues its session on this one. */
  z.object({ type: z.literal('resume'), key: z.string().min(1).max(64) }),
  z.object({
    type: z.literal('description'),
    description: z.object({ type: z.enum(['offer', 'answer']), sdp: z.string().max(maxBrowserMessageBytes) }),
  }),
  z.object({
    type: z.literal('candidate'),
    candidate: z.object({
      candidate: z.string().max(1024),
      sdpMid: z.string().max(64).nullish(),
      sdpMLineIndex: z.int().min(0).max(65_535).nullish(),
      usernameFragment: z.string().max(256).nullish(),
    }),
  }),
  z.object({ type: z.enum(['mute', 'unmute', 'screen_off', 'video_off', 'leave', 'inspect']) }),
  /** A MediaStream of the page is its screen or its camera. */
  z.object({ type: z.enum(['screen_on', 'video_on']), streamId: z.string().min(1).max(128) }),
  z.object({ type: z.literal('report'), roundTripMs: z.number().min(0).max(60_000) }),
]);

/** A message of a page, as it is sent. */
export type BrowserMessage = z.input<typeof browserMessageSchema>;

/** The same once it is checked. */
export type CheckedBrowserMessage = z.output<typeof browserMessageSchema>;

/** One person in a room, as everyone in it sees them. */
export interface Participant {
  readonly sessionID: string;
  readonly name: string;
  /** False for someone who only listens. */
  readonly microphone: boolean;
  readonly muted: boolean;
  readonly screen: boolean;
  readonly camera: boolean;
  /** A message from rtcd's voice detector. */
  readonly speaking: boolean;
  /** The participant's own round trip to rtcd in milliseconds, as their page measured it. */
  readonly roundTripMs?: number;
}

export type ServerErrorCode =
  | 'bad_message'
  | 'not_joined'
  | 'not_resumed'
  | 'already_joined'
  | 'full'
  | 'screen_taken'
  | 'service_unavailable';

/** A message from the server to a page. */
export type ServerMessage =
  /** With the key that resumes the session on another connection. */
  | {
      readonly type: 'joined';
      readonly sessionID: string;
      readonly key: string;
      readonly participants: readonly Participant[];
    }
  | { readonly type: 'resumed'; readonly participants: readonly Participant[] }
  | { readonly type: 'participant'; readonly participant: Participant }
  | { readonly type: 'left'; readonly sessionID: string }
  /** JSON of a session description or of `{ type: 'candidate', candidate }`, exactly as rtcd sent it. */
  | { readonly type: 'signal'; readonly data: string }
  /** True if this server reaches rtcd. Media does not pass through here, so a running call continues without. */
  | { readonly type: 'service'; readonly connected: boolean }
  /** The answer to `inspect`, about the page's own session. Empty if rtcd returns nothing to this server. */
  | { readonly type: 'inspection'; readonly inspection?: Inspection }
  /** rtcd ended the session. */
  | { readonly type: 'closed' }
  | { readonly type: 'error'; readonly code: ServerErrorCode; readonly message: string };

/** The message in `text`, or undefined if it is none. */
export function parseBrowserMessage(text: string): CheckedBrowserMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = browserMessageSchema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
