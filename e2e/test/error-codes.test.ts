import { globSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { expect, it } from 'vitest';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

/** Codes of the packages' error classes, as `code package`. */
function declaredCodes(): string[] {
  return globSync('packages/*/src/errors.ts', { cwd: workspaceFolder }).flatMap((file) => {
    const source = readFileSync(join(workspaceFolder, file), 'utf8').replaceAll(/\/\*.*?\*\//gs, '');
    const unions = [...source.matchAll(/type \w+ErrorCode =([^;]*);/g)].map(([, union = '']) => union);
    return unions.flatMap((union) =>
      [...union.matchAll(/'(\w+)'/g)].map(([, code]) => `${code} ${file.split(sep)[1]}`),
    );
  });
}

/** The same, as docs/error-codes.md lists them. */
function documentedCodes(): string[] {
  const page = readFileSync(join(workspaceFolder, 'docs/error-codes.md'), 'utf8');
  return [...page.matchAll(/^\| `(\w+)` \| .+ \| (.+) \|$/gm)].flatMap(([, code, packages = '']) =>
    packages.split(', ').map((name) => `${code} ${name}`),
  );
}

it('the table of error codes lists all codes, each with the packages that have it', () => {
  expect(documentedCodes().length).toBeGreaterThan(50);
  expect(documentedCodes().sort()).toEqual(declaredCodes().sort());
});
