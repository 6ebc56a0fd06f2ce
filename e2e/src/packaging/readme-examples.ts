import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type WorkspacePackage, workspaceFolder } from './workspace-packages.ts';

/** Packages of others that examples import, and where the workspace has them. */
const linked = { vitest: 'node_modules/vitest', winston: 'packages/boundary/node_modules/winston' };

/**
 * Copies the examples in the READMEs of installed packages to `destination`, each under the name that it has in the
 * `examples` of its package: examples import each other by name. Rejects if an example has no such file.
 */
export async function copyReadmeExamples(
  packages: readonly WorkspacePackage[],
  installed: string,
  destination: string,
): Promise<void> {
  for (const [name, path] of Object.entries(linked)) await symlink(join(workspaceFolder, path), join(installed, name));
  for (const { name, folder } of packages) {
    const names = await namesByText(join(folder, 'examples'));
    const readme = await readFile(join(installed, name, 'README.md'), 'utf8');
    await mkdir(join(destination, name), { recursive: true });
    for (const [, text = ''] of readme.matchAll(/```ts\n(.*?)```/gs)) {
      const file = names.get(text);
      if (file === undefined) throw new Error(`the README of ${name} has an example that no test runs:\n${text}`);
      await writeFile(join(destination, name, file), text);
    }
  }
}

async function namesByText(folder: string): Promise<ReadonlyMap<string, string>> {
  const files = await readdir(folder);
  return new Map(
    await Promise.all(files.map(async (file) => [await readFile(join(folder, file), 'utf8'), file] as const)),
  );
}
