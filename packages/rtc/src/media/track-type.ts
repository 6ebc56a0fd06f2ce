import type { TrackType } from '@rtcd/protocol';

/** The relation of a stream's MediaStream to the announcements of its session. */
export interface Announced {
  /** It is the screen that the session shares. */
  readonly isScreen: boolean;
  /** It has been. */
  readonly wasScreen: boolean;
}

/**
 * The type of the track that a stream is forwarded as, or undefined while it is parked. Announcements and media overtake each other:
 * an audio stream is a voice until it is announced as a screen's, a video stream waits for its announcement. A screen whose share has
 * ended does not turn into anything else.
 */
export function trackType(kind: 'audio' | 'video', { isScreen, wasScreen }: Announced): TrackType | undefined {
  if (isScreen) return kind === 'audio' ? 'screen-audio' : 'screen';
  return kind === 'audio' && !wasScreen ? 'voice' : undefined;
}
