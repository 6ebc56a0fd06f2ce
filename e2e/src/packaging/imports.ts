import { globSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import type { WorkspacePackage } from './workspace-packages.ts';

const IMPORT = /(?<!\.)\b(?:from|import)\s*\(?\s*['"]([^'".][^'"]*)['"]/g;

/** Imports of a built package, types included, and its declared dependencies. */
export interface Dependencies {
  readonly imported: readonly string[];
  readonly declared: readonly string[];
}

/** Reads the output of the build and the manifest of a package. */
export function dependenciesOf({ name, folder }: WorkspacePackage): Dependencies {
  const imported = new Set<string>();
  for (const file of globSync('dist/*.{js,d.ts}', { cwd: folder })) {
    for (const [, specifier = ''] of readFileSync(join(folder, file), 'utf8').matchAll(IMPORT)) {
      if (!isBuiltin(specifier)) imported.add(/^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier);
    }
  }
  imported.delete(name);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly dependencies?: Readonly<Record<string, string>>;
  };
  return { imported: [...imported].sort(), declared: Object.keys(dependencies).sort() };
}
