import { MarkedSection } from '../../src/marked-section.ts';
import type { Room } from './room.ts';
import type { ScenarioName, Stack } from './stack.ts';

/** Trial of a stack in a room, which resolves if the stack did all of it. */
export type Scenario = (room: Room) => Promise<void>;
export type Outcome = 'pass' | 'fail' | 'n/a';

/** The matrix that is committed. */
export const committedMatrix = new MarkedSection('docs/interop.md', 'matrix', 'e2e/interop');

/** The outcome of some scenarios with every stack that is tried with them, each in several kinds of calls. */
export class Matrix {
  readonly #stacks: readonly Stack[];
  readonly #kinds: readonly string[];
  readonly #scenarios: readonly (readonly [ScenarioName, Scenario])[];
  readonly #outcomes = new Map<string, Outcome>();

  constructor(
    stacks: readonly Stack[],
    kinds: readonly string[],
    scenarios: Readonly<Partial<Record<ScenarioName, Scenario>>>,
  ) {
    this.#stacks = stacks;
    this.#kinds = kinds;
    this.#scenarios = Object.entries(scenarios) as [ScenarioName, Scenario][];
  }

  /** The scenarios that a stack is to be tried with. */
  scenariosOf(stack: Stack): readonly (readonly [ScenarioName, Scenario])[] {
    return this.#stacks.includes(stack) ? this.#scenarios.filter(([name]) => stack.limits[name] === undefined) : [];
  }

  record(stack: Stack, kind: string, scenario: ScenarioName, outcome: 'pass' | 'fail'): void {
    this.#outcomes.set(key(stack, kind, scenario), outcome);
  }

  /** Stacks of which not all scenarios were run. */
  missing(): readonly string[] {
    const isComplete = (stack: Stack) =>
      this.#kinds.every((kind) =>
        this.#scenarios.every(([scenario]) => this.#outcome(stack, kind, scenario) !== undefined),
      );
    return this.#stacks.filter((stack) => !isComplete(stack)).map(({ name }) => name);
  }

  /** A Markdown table per kind of call. */
  toString(): string {
    return this.#kinds.map((kind) => this.#table(kind)).join('\n');
  }

  #table(kind: string): string {
    const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
    const names = this.#stacks.map(({ name }) => name);
    const rows = this.#scenarios.map(([scenario]) =>
      row([scenario, ...this.#stacks.map((stack) => this.#outcome(stack, kind, scenario) ?? '-')]),
    );
    return row([kind, ...names]) + row(['---', ...names.map(() => '---')]) + rows.join('');
  }

  #outcome(stack: Stack, kind: string, scenario: ScenarioName): Outcome | undefined {
    return stack.limits[scenario] === undefined ? this.#outcomes.get(key(stack, kind, scenario)) : 'n/a';
  }
}

function key(stack: Stack, kind: string, scenario: ScenarioName): string {
  return [stack.name, kind, scenario].join();
}

/** Describes each stack, with what it cannot do. */
export const aboutStacks = (stacks: readonly Stack[]): string => stacks.map(about).join('\n');

function about({ name, about, limits, notes }: Stack): string {
  const lines = [...Object.entries(limits).map(([scenario, reason]) => `${scenario}: n/a, ${reason}.`), ...notes];
  return `**${name}**: ${about}.\n${lines.map((line) => `- ${line}\n`).join('')}`;
}
