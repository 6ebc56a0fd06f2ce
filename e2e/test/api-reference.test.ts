import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { apiPages } from '../src/api-reference/api-pages.ts';
import { publishablePackages, workspaceFolder } from '../src/packaging/workspace-packages.ts';

const folder = join(workspaceFolder, 'docs/api');
const pages = apiPages(workspaceFolder, await publishablePackages());

it.each(pages)('the API page of $name is current: npx --yes pnpm@12 docs:api writes it', async ({ name, markdown }) => {
  expect(await readFile(join(folder, `${name}.md`), 'utf8')).toBe(markdown);
});

it('has no page of a removed package', async () => {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.md'));
  expect(files.sort()).toEqual(pages.map(({ name }) => `${name}.md`).sort());
});
