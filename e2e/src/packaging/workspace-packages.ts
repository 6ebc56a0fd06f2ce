import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A package of this workspace that gets published. */
export interface WorkspacePackage {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** Its entry points as users import them, without `./package.json`. */
  readonly entryPoints: readonly string[];
}

export const workspaceFolder = fileURLToPath(new URL('../../..', import.meta.url));

/** Every package that is not private, sorted by name. */
export async function publishablePackages(): Promise<readonly WorkspacePackage[]> {
  const folders = await Promise.all(
    ['packages', 'apps'].map(async (parent) => {
      const names = await readdir(join(workspaceFolder, parent));
      return names.map((name) => join(workspaceFolder, parent, name));
    }),
  );
  const packages = await Promise.all(folders.flat().map(readPackage));
  return packages.filter((found) => found !== undefined).sort((a, b) => a.name.localeCompare(b.name));
}

async function readPackage(folder: string): Promise<WorkspacePackage | undefined> {
  const manifest = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    readonly name: string;
    readonly version: string;
    readonly private?: boolean;
    readonly exports?: Readonly<Record<string, unknown>>;
  };
  if (manifest.private === true) return undefined;
  const { name, version, exports = {} } = manifest;
  const subpaths = Object.keys(exports).filter((subpath) => subpath !== './package.json');
  return { name, version, folder, entryPoints: subpaths.map((subpath) => subpath.replace('.', name)) };
}
