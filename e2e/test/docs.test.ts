import { existsSync, readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../src/packaging/run.ts';
import { publishablePackages, workspaceFolder } from '../src/packaging/workspace-packages.ts';

const LINK = /\]\(([^)#:\s]*)(?:#([^)\s]*))?\)/g;

const pages = (await run('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], workspaceFolder))
  .trim()
  .split('\n')
  .filter((page) => !page.endsWith('CHANGELOG.md'));

const read = (page: string) => readFileSync(join(workspaceFolder, page), 'utf8');

/** The relative links of a page: the file that each leads to, and the heading in it. */
const linksOf = (page: string) =>
  [...read(page).matchAll(LINK)].map(([, path = '', anchor = '']) => ({
    target: path === '' ? page : join(dirname(page), path),
    anchor,
  }));

/** The anchors of a page's headings, made as GitHub and typedoc make them. */
const anchorsOf = (page: string): readonly string[] =>
  [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

it.each(pages)('%s links to existing files and headings', (page) => {
  const dead = linksOf(page).filter(
    ({ target, anchor }) =>
      !existsSync(join(workspaceFolder, target)) || (anchor !== '' && !anchorsOf(target).includes(anchor)),
  );
  expect(dead).toEqual([]);
});

it.each(pages)('%s has commands that run where npm is set to refuse packages that are not installed', (page) => {
  const text = readFileSync(join(workspaceFolder, page), 'utf8');
  const commands = [...text.matchAll(/(?:^|`)((?:npx [^`\n]*)?\bpnpm(?:@12)? [a-z-][^`\n]*)/gm)].map(
    ([, command]) => command!,
  );
  expect(commands.filter((command) => !command.startsWith('npx --yes pnpm@12 '))).toEqual([]);
});

it.each(await publishablePackages())(
  'the README of $name says how to install it from a clone, then from npm',
  async ({ name, folder }) => {
    const readme = readFileSync(join(folder, 'README.md'), 'utf8');
    const [, section = ''] = readme.split('From a clone of the repository:\n');
    const [install, pack, use] = [...section.matchAll(/^(np[mx] .*?) *(?:#.*)?$/gm)].map(([, command]) => command);
    expect(install).toBe('npx --yes pnpm@12 install');
    expect(pack).toBe(`npx --yes pnpm@12 --filter '${name}...' pack --pack-destination /tmp/rtcd-packages`);
    expect(use).toMatch(/^npm install .*\/tmp\/rtcd-packages\/\*\.tgz$/);
    expect(section).toMatch(new RegExp(`^Once it is published, \`npm install (?:--global )?${name}\\b`, 'm'));
  },
);

describe('docs/README.md', () => {
  it('links to every page', async () => {
    const files = (await readdir(join(workspaceFolder, 'docs'))).filter((file) => file.endsWith('.md'));
    const others = files.filter((file) => file !== 'README.md').map((file) => join('docs', file));
    expect(linksOf('docs/README.md').map(({ target }) => target)).toEqual(expect.arrayContaining(others));
  });
});
