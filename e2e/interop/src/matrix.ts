import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type ScenarioName, scenarioNames } from './scenarios.ts';
import type { Stack } from './stack.ts';

export type Outcome = 'pass' | 'fail' | 'n/a';

const page = fileURLToPath(new URL('../../../docs/interop.md', import.meta.url));
const BEGIN = '<!-- matrix: written by e2e/interop -->\n';
const END = '<!-- /matrix -->';

/** The outcome of every scenario with every stack, each in several kinds of calls. */
export class Matrix {
  readonly #stacks: readonly Stack[];
  readonly #kinds: readonly string[];
  readonly #outcomes = new Map<string, Outcome>();

  constructor(stacks: readonly Stack[], kinds: readonly string[]) {
    this.#stacks = stacks;
    this.#kinds = kinds;
  }

  record(stack: Stack, kind: string, scenario: ScenarioName, outcome: 'pass' | 'fail'): void {
    this.#outcomes.set(key(stack, kind, scenario), outcome);
  }

  /** Stacks of which not all scenarios were run. */
  missing(): readonly string[] {
    const isComplete = (stack: Stack) =>
      this.#kinds.every((kind) =>
        scenarioNames.every((scenario) => this.#outcome(stack, kind, scenario) !== undefined),
      );
    return this.#stacks.filter((stack) => !isComplete(stack)).map(({ name }) => name);
  }

  /** A Markdown table per kind of call, then what each stack cannot do. */
  toString(): string {
    return [...this.#kinds.map((kind) => this.#table(kind)), ...this.#stacks.map(about)].join('\n');
  }

  #table(kind: string): string {
    const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
    const names = this.#stacks.map(({ name }) => name);
    const rows = scenarioNames.map((scenario) =>
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

function about({ name, about, limits, notes }: Stack): string {
  const lines = [...Object.entries(limits).map(([scenario, reason]) => `${scenario}: n/a, ${reason}.`), ...notes];
  return `**${name}**: ${about}.\n${lines.map((line) => `- ${line}\n`).join('')}`;
}

/** The matrix that is committed. */
export async function readCommittedMatrix(): Promise<string> {
  const text = await readFile(page, 'utf8');
  return text.slice(text.indexOf(BEGIN) + BEGIN.length, text.indexOf(END));
}

export async function writeMatrix(matrix: string): Promise<void> {
  const text = await readFile(page, 'utf8');
  await writeFile(page, text.slice(0, text.indexOf(BEGIN) + BEGIN.length) + matrix + text.slice(text.indexOf(END)));
}
