import type { TrackType } from '@rtcd/protocol';

/** The class of a MediaStream, which an announcement of its session gives it. */
export type StreamClass = 'screen' | 'video';

/**
 * The type of the track that a stream is forwarded as, or undefined while it is parked. Announcements and media overtake each other: an
 * audio stream is a voice until it is announced as a screen's, a video stream waits for its announcement. The class that a stream is given
 * stays. A screen is forwarded while it is the one that the session shares, and turns into nothing else afterwards.
 */
export function trackType(
  kind: 'audio' | 'video',
  streamClass: StreamClass | undefined,
  isShared: boolean,
): TrackType | undefined {
  if (streamClass === 'screen' && !isShared) return undefined;
  if (streamClass === 'screen') return kind === 'audio' ? 'screen-audio' : 'screen';
  if (kind === 'audio') return 'voice';
  return streamClass;
}
