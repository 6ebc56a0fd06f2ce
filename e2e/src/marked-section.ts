import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { workspaceFolder } from './packaging/workspace-packages.ts';

/** A part of a guide that a program writes, between two comments. */
export class MarkedSection {
  readonly #page: string;
  readonly #begin: string;
  readonly #end: string;

  /** The comments are `<!-- NAME: written by WRITER -->` and `<!-- /NAME -->`. */
  constructor(page: string, name: string, writer: string) {
    this.#page = join(workspaceFolder, page);
    this.#begin = `<!-- ${name}: written by ${writer} -->\n`;
    this.#end = `<!-- /${name} -->`;
  }

  async read(): Promise<string> {
    const [, section] = await this.#split();
    return section;
  }

  async write(section: string): Promise<void> {
    const [before, , after] = await this.#split();
    await writeFile(this.#page, `${before}${section}${after}`);
  }

  async #split(): Promise<readonly [before: string, section: string, after: string]> {
    const text = await readFile(this.#page, 'utf8');
    const [begin, end] = [text.indexOf(this.#begin) + this.#begin.length, text.indexOf(this.#end)];
    if (begin < this.#begin.length || end < begin) throw new Error(`${this.#page} has no ${this.#begin.trim()}`);
    return [text.slice(0, begin), text.slice(begin, end), text.slice(end)];
  }
}
