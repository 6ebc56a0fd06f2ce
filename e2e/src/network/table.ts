import { MarkedSection } from '../marked-section.ts';
import { CONDITIONS, isFor } from './conditions.ts';
import { KIND_NAMES, type Kind } from './kinds.ts';
import type { Outcome } from './measure-condition.ts';
import { MOVES } from './moves.ts';

/** The tables of docs/networks.md. */
export const networksSection = new MarkedSection('docs/networks.md', 'networks', 'e2e/src/network');

/** Times by row and kind. */
export class Results {
  readonly #times = new Map<string, number>();
  readonly #ways = new Map<string, string>();

  addCall(condition: string, kind: Kind, { way, untilMediaMs }: Outcome): void {
    this.#ways.set(condition, way);
    this.#times.set(`${condition} ${kind}`, untilMediaMs);
  }

  addMove(move: string, kind: Kind, withoutMediaMs: number): void {
    this.#times.set(`${move} ${kind}`, withoutMediaMs);
  }

  /** Both tables in Markdown. */
  toString(): string {
    const calls = CONDITIONS.map((condition) => {
      const { name } = condition;
      const times = this.#timesOf(name).map((time, i) => (isFor(condition, KIND_NAMES[i]!) ? time : '–'));
      return [name, this.#ways.get(name) ?? 'not run', ...times];
    });
    const moves = MOVES.map(({ name }) => [name, ...this.#timesOf(name)]);
    const heads = ['Network of the peer', 'Media goes by', ...KIND_NAMES];
    return `${table(heads, calls)}\n${table(['In the middle of a call', ...KIND_NAMES], moves)}`;
  }

  #timesOf(row: string): string[] {
    return KIND_NAMES.map((kind) => {
      const ms = this.#times.get(`${row} ${kind}`);
      return ms === undefined ? 'not run' : `${(ms / 1_000).toFixed(1)} s`;
    });
  }
}

/** The tables without the times, which differ from run to run. */
export const withoutTimes = (tables: string): string => tables.replaceAll(/\| \d+\.\d s(?= \|)/g, '| time');

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('');
}
