import voicesJson from './voices.json' with { type: 'json' };

/** A voice is a tone: 20 ms Opus frames of it, and its frequency. */
export interface Voice {
  readonly hz: number;
  readonly frames: readonly string[];
}

/** Made by make-voices.ts. Each participant of a call has one of its own. */
export const voices: readonly Voice[] = voicesJson;

/** Half of the distance between the two nearest voices is more than this. */
const TOLERANCE_HZ = 100;

/** The voice with about this frequency. */
export function voiceAt(hz: number): Voice | undefined {
  return voices.find((voice) => Math.abs(voice.hz - hz) < TOLERANCE_HZ);
}
