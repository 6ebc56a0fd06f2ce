import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const LINK = /\[((?:[^\][]|\n)+)\]\(([^)#:\s]+)(?:#[^)]*)?\)/g;

const linksOf = (page: string) =>
  [...readFileSync(join(root, page), 'utf8').matchAll(LINK)].map(([, text, target]) => ({
    text: text!,
    path: join(root, dirname(page), target!),
  }));

describe.each(['README.md', 'docs/architecture.md'])('%s', (page) => {
  it('links to existing files', () => {
    expect(linksOf(page).filter(({ path }) => !existsSync(path))).toEqual([]);
  });

  it('names functions and classes that the linked file has', () => {
    const wrong = linksOf(page).filter(({ text, path }) => {
      const [, name] = /^`([\w.]+)`/.exec(text) ?? [];
      if (!name || !path.endsWith('.ts') || name.endsWith('.ts')) return false;
      const source = readFileSync(path, 'utf8');
      return !name.split('.').every((part) => new RegExp(`\\b${part}\\b`).test(source));
    });
    expect(wrong).toEqual([]);
  });
});

describe.each(['Follow a packet', 'Follow a join'])('README.md, "%s"', (heading) => {
  const [, section = ''] = readFileSync(join(root, 'README.md'), 'utf8').split(`## ${heading}\n`);
  const steps = section.split('\n## ')[0]!.match(/^\d+\. .*$/gm) ?? [];

  it('names the code of every step', () => {
    expect(steps.length).toBeGreaterThanOrEqual(15);
    expect(steps.filter((step) => !/^\d+\. \[`[\w.]+`\]\([^)]+\.ts\) /.test(step))).toEqual([]);
  });
});
