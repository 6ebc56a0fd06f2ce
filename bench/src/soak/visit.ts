/** One of the sessions that join and leave beside the large call. */
export interface Visit {
  readonly installation: number;
  readonly callID: string;
  readonly stayMs: number;
  readonly talks: boolean;
  /** `unconnected`: the peer never comes, and its client leaves. */
  readonly ending: 'leave' | 'close' | 'vanish' | 'unconnected';
}

/** Visits of one installation, after which it unregisters. */
export const VISITS_PER_INSTALLATION = 100;
const VISITS_PER_CALL = 3;
const ENDINGS = [
  'leave',
  'leave',
  'close',
  'leave',
  'vanish',
  'leave',
  'leave',
  'unconnected',
  'leave',
  'leave',
] as const;
const MIN_STAY_MS = 2_000;
const MAX_STAY_MS = 15_000;
/** Spreads the stays: consecutive multiples of the golden ratio are far from each other. */
const GOLDEN_RATIO = (Math.sqrt(5) - 1) / 2;

/** The nth visit. The same in every run, so that runs can be compared. */
export function visitOf(index: number): Visit {
  return {
    installation: Math.floor(index / VISITS_PER_INSTALLATION),
    callID: `call-${Math.floor(index / VISITS_PER_CALL)}`,
    stayMs: MIN_STAY_MS + (MAX_STAY_MS - MIN_STAY_MS) * ((index * GOLDEN_RATIO) % 1),
    talks: index % VISITS_PER_CALL === 0,
    ending: ENDINGS[index % ENDINGS.length]!,
  };
}
