import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run } from './run.ts';
import type { Tarball } from './tarball.ts';
import { workspaceFolder } from './workspace-packages.ts';

const fixture = fileURLToPath(new URL('../../fixtures/consumer.ts', import.meta.url));

/** A project outside of the workspace with all tarballs installed. */
export class ConsumerProject {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Installs with npm, as a user would: dependencies come from the registry, our own from the files. */
  static async create(folder: string, tarballs: readonly Tarball[]): Promise<ConsumerProject> {
    await mkdir(folder);
    const manifest = { name: 'consumer', private: true, type: 'module' };
    await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
    const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
    await run('npm', ['install', ...quiet, ...tarballs.map(({ file }) => `file:${file}`)], folder);
    return new ConsumerProject(folder);
  }

  /** Type-checks and compiles the fixture against the packages' declarations with the workspace's TypeScript. */
  async compile(): Promise<void> {
    await copyFile(fixture, join(this.folder, 'consumer.ts'));
    const fromWorkspace = createRequire(join(workspaceFolder, 'package.json'));
    const compilerOptions = {
      target: 'es2024',
      module: 'nodenext',
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      types: ['node'],
      typeRoots: [join(workspaceFolder, 'node_modules/@types')],
    };
    await writeFile(join(this.folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    await this.#node(fromWorkspace.resolve('typescript/bin/tsc'));
  }

  /** Runs the compiled fixture. */
  runFixture(): Promise<string> {
    return this.#node('consumer.js');
  }

  /** The names that an entry point exports, as JavaScript sees them. */
  async exportsOf(entryPoint: string): Promise<readonly string[]> {
    const program = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(entryPoint)}))))`;
    return JSON.parse(await this.#node('--input-type=module', '--eval', program)) as string[];
  }

  /** Runs a command that a package brings. */
  command(name: string, ...args: readonly string[]): Promise<string> {
    return run('npx', ['--no-install', name, ...args], this.folder);
  }

  #node(...args: readonly string[]): Promise<string> {
    return run(process.execPath, args, this.folder);
  }
}
