/** Weight of a finding: nothing to do, something to know, something to look at, something that keeps calls from working. */
export type Level = 'ok' | 'note' | 'warning' | 'error';

/** The areas that are examined. */
export type CheckName =
  | 'config'
  | 'api'
  | 'certificate'
  | 'store'
  | 'media'
  | 'addresses'
  | 'ipv6'
  | 'deployment'
  | 'reachability'
  | 'names'
  | 'buffers'
  | 'files'
  | 'clock'
  | 'turn';

/** Result of a check: one sentence, and advice if there is something to do. */
export interface Finding {
  readonly check: CheckName;
  readonly level: Level;
  readonly message: string;
  readonly advice?: string;
}

const LEVELS: readonly Level[] = ['ok', 'note', 'warning', 'error'];

export function worstOf(findings: readonly Finding[]): Level {
  const weights = findings.map(({ level }) => LEVELS.indexOf(level));
  return LEVELS[Math.max(0, ...weights)] ?? 'ok';
}

/** Exit code for scripts: 1 after warnings, 2 after errors. */
export function exitCodeOf(level: Level): number {
  switch (level) {
    case 'ok':
    case 'note':
      return 0;
    case 'warning':
      return 1;
    case 'error':
      return 2;
    default:
      return level satisfies never;
  }
}
