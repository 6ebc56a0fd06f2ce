import { Dice } from './dice.ts';

/** Thread that media runs on. On the service's own thread, its clock, sockets, and names can be faulty. */
export type MediaThread = 'own_thread' | 'same_thread';

export type SendErrorCode = 'ENOBUFS' | 'EPERM' | 'EMSGSIZE';
export type StoreFault = 'fails' | 'is_full' | 'hangs';

/** Something that goes wrong, or that people do meanwhile. */
export type Fault =
  /** The WebSocket of the first installation breaks, and cannot be opened for a while. */
  | { readonly name: 'cut'; readonly forMs: number }
  /** Time jumps forward, as after a suspension of the machine. */
  | { readonly name: 'clock'; readonly byMs: number }
  /** The time of day is set. */
  | { readonly name: 'time_of_day'; readonly byMs: number }
  | { readonly name: 'send_errors'; readonly code: SendErrorCode; readonly rate: number; readonly forMs: number }
  | { readonly name: 'store'; readonly fault: StoreFault; readonly forMs: number }
  /** The main thread does nothing else. */
  | { readonly name: 'block'; readonly forMs: number }
  /** The thread of media ends. */
  | { readonly name: 'crash' }
  | { readonly name: 'join' }
  | { readonly name: 'leave' };

export interface Step {
  readonly atMs: number;
  readonly fault: Fault;
}

/** Everything that happens in one episode. */
export interface Schedule {
  readonly seed: number;
  readonly media: MediaThread;
  /** The resolver of host names, when the service starts. */
  readonly names: 'work' | 'fail' | 'hang';
  /** The reader of the log. */
  readonly logReader: 'reads' | 'hangs';
  readonly steps: readonly Step[];
}

const EPISODE_MS = 4_000;

/** Events in the episode of a seed. */
export function scheduleOf(seed: number): Schedule {
  const dice = new Dice(seed);
  const media = dice.oneOf<MediaThread>(['own_thread', 'same_thread']);
  const names = dice.oneOf(['work', 'fail', 'hang'] as const);
  const logReader = dice.oneOf(['reads', 'hangs'] as const);
  const steps = Array.from({ length: dice.between(4, 9) }, () => ({
    atMs: dice.between(0, EPISODE_MS),
    fault: faultOf(dice, media),
  }));
  return { seed, media, names, logReader, steps: steps.sort((a, b) => a.atMs - b.atMs) };
}

function faultOf(dice: Dice, media: MediaThread): Fault {
  const forMs = dice.between(100, 1_500);
  const number = dice.between(0, 100);
  if (number < 20) return { name: 'cut', forMs };
  if (number < 35) return { name: 'store', fault: dice.oneOf(['fails', 'is_full', 'hangs']), forMs };
  if (number < 45) return { name: 'join' };
  if (number < 55) return { name: 'leave' };
  if (number < 65) return { name: 'block', forMs };
  if (number < 75) return { name: 'clock', byMs: dice.oneOf([1_500, 15_000, 3_600_000]) };
  if (media === 'own_thread') return { name: 'crash' };
  if (number < 82) return { name: 'time_of_day', byMs: dice.oneOf([-86_400_000, 3_600_000]) };
  const code = dice.oneOf<SendErrorCode>(['ENOBUFS', 'EPERM', 'EMSGSIZE']);
  return { name: 'send_errors', code, rate: dice.oneOf([0.2, 1]), forMs };
}

/** One line per step, for people. */
export const describeSchedule = ({ seed, media, names, logReader, steps }: Schedule): string =>
  [
    `seed ${seed}: media on ${media === 'own_thread' ? 'a thread of its own' : "the service's thread"}, host names ${names}, the reader of the log ${logReader}`,
    ...steps.map(({ atMs, fault: { name, ...details } }) => `  ${atMs} ms: ${name} ${JSON.stringify(details)}`),
  ].join('\n');
