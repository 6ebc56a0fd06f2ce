import { cp, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { copyReadmeExamples } from './readme-examples.ts';
import { run } from './run.ts';
import type { Tarball } from './tarball.ts';
import { type WorkspacePackage, workspaceFolder } from './workspace-packages.ts';

const fixtures = fileURLToPath(new URL('../../fixtures/consumers', import.meta.url));
const jest = 'jest@^30.5.2';
const tsc = createRequire(join(workspaceFolder, 'package.json')).resolve('typescript/bin/tsc');

/** A folder outside of the workspace with all tarballs installed, and in it the projects of `fixtures/consumers`, which use them. */
export class Consumers {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Installs with npm, as a user would: dependencies come from the registry, our own from the files. */
  static async create(folder: string, tarballs: readonly Tarball[]): Promise<Consumers> {
    await cp(fixtures, folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumers', private: true }));
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet, jest, ...tarballs.map(({ file }) => `file:${file}`)], folder);
    return new Consumers(folder);
  }

  /** Type-checks and compiles a project against the packages' declarations with the workspace's TypeScript. */
  async compile(project: string): Promise<void> {
    const typeRoots = join(workspaceFolder, 'node_modules/@types');
    await this.#node(tsc, '--project', project, '--typeRoots', typeRoots);
  }

  /** Type-checks the examples in the READMEs that the packages brought. */
  async compileReadmes(packages: readonly WorkspacePackage[]): Promise<void> {
    await copyReadmeExamples(packages, join(this.folder, 'node_modules'), join(this.folder, 'readmes'));
    await this.compile('readmes');
  }

  /** Runs the compiled program of a project. */
  run(project: string): Promise<string> {
    return this.#node(join(project, 'main.js'));
  }

  /** Runs the tests of a project with Jest; how many passed. Rejects if one fails. */
  async runJest(project: string): Promise<number> {
    const program = join(this.folder, 'node_modules/jest/bin/jest.js');
    const options = ['--json', '--runInBand', '--no-cache', '--watchman=false'];
    const rootDir = join(this.folder, project);
    const output = await this.#node('--experimental-vm-modules', program, ...options, '--rootDir', rootDir);
    return (JSON.parse(output) as { readonly numPassedTests: number }).numPassedTests;
  }

  /** The names that an entry point exports, as JavaScript sees them: with `import`, and with `require`. */
  async exportsOf(entryPoint: string): Promise<{ readonly imported: string[]; readonly required: string[] }> {
    const name = JSON.stringify(entryPoint);
    const program = `import(${name}).then((imported) => {
      console.log(JSON.stringify({ imported: Object.keys(imported), required: Object.keys(require(${name})) }));
    });`;
    return JSON.parse(await this.#node('--input-type=commonjs', '--eval', program));
  }

  /** Runs a command that a package brings. */
  command(name: string, ...args: readonly string[]): Promise<string> {
    return run('npx', ['--no-install', name, ...args], this.folder);
  }

  #node(...args: readonly string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }
}
