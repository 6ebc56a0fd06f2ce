import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const require = createRequire(import.meta.url);

/** The reason why a package with native code does not load on this machine, if it does not. A process of its own tries. */
export async function whyNotLoadable(name: string): Promise<string | undefined> {
  try {
    await promisify(execFile)(process.execPath, ['-e', 'require(process.argv[1])', require.resolve(name)]);
    return undefined;
  } catch {
    return `a build of the npm package ${name} for ${process.platform}-${process.arch}`;
  }
}

/** The version of an installed package. */
export function versionOf(name: string): string {
  let folder = dirname(require.resolve(name));
  for (;;) {
    try {
      const contents = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        name?: string;
        version?: string;
      };
      if (contents.name === name && contents.version) return contents.version;
    } catch {
      // Not the root of the package yet.
    }
    if (folder === dirname(folder)) throw new Error(`no package.json of ${name} above ${require.resolve(name)}`);
    folder = dirname(folder);
  }
}
