import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../src/packaging/run.ts';
import { workspaceFolder } from '../src/packaging/workspace-packages.ts';

/** A headless clause is no summary: docstrings open with a verb ("Parses"), or with a noun phrase ("Upper bound on"). */
const HEADLESS = /^(What|Whatever|Where|Whether|How|That|Who|Whose|When|Which|Why|Of|If)\b/;

/** Words of another century. */
const ARCHAIC = /\b(shall|lest|for ever|mend|mends|mended|mending|hence|whilst|thereof)\b/i;

/** People, where software is meant. Tests have people, too. */
const PEOPLE = /\b(somebody|nobody|whoever|anybody|someone)\b/i;

/** Idioms of other languages: things continue, restart, or are reported, and end permanently. */
const TRANSLATED = /\b(goes on|go on|anew|for good|in vain|(?:is|are) told)\b/i;

/** British spellings of words that are frequent here. */
const BRITISH =
  /\b(signalling|behaviour|colour|neighbour|favour|licence|synchronis|initialis|normalis|serialis|optimis)/i;

async function tracked(...patterns: readonly string[]): Promise<readonly string[]> {
  const list = await run(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns],
    workspaceFolder,
  );
  return list.trim().split('\n');
}

const read = (file: string) => readFileSync(join(workspaceFolder, file), 'utf8');
const sources = (await tracked('*.ts')).filter((file) => /\/(src|test)\//.test(file));
const pages = await tracked('docs/*.md', '*README.md', 'CONTRIBUTING.md', 'SECURITY.md');

/** The docstrings of a source, without their asterisks. */
const docstringsOf = (source: string): readonly string[] =>
  [...source.matchAll(/^ *\/\*\*(.*?)\*\//gms)].map(([, text = '']) => text.replaceAll(/^ *\* ?/gm, '').trim());

/** The prose of a source: its comments and test names. Strings may quote the contract, and identifiers the browser. */
const proseOf = (source: string): readonly string[] => [
  ...docstringsOf(source),
  ...[...source.matchAll(/(?:^|[ ;])\/\/ (.*)$/gm)].map(([, text = '']) => text),
  ...[...source.matchAll(/\b(?:it|describe)(?:\.\w+)*\(\s*(['"`])(.*?)\1,/gs)].map(([, , text = '']) => text),
];

/** The prose of a page: what is not code. */
const withoutCode = (page: string): readonly string[] => page.replaceAll(/```.*?```|`[^`\n]*`/gs, '').split('\n');

describe('docstrings', () => {
  it('open with a verb or a noun phrase', () => {
    const headless = sources.flatMap((file) =>
      docstringsOf(read(file))
        .filter((text) => HEADLESS.test(text))
        .map((text) => `${file}: ${text}`),
    );
    expect(headless).toEqual([]);
  });
});

describe.each([
  ['archaic words', ARCHAIC],
  ['British spelling', BRITISH],
])('prose without %s', (_, words) => {
  it('is in sources', () => {
    const found = sources.flatMap((file) =>
      proseOf(read(file)).flatMap((text) => (words.test(text) ? [`${file}: ${text}`] : [])),
    );
    expect(found).toEqual([]);
  });

  it('is in guides and READMEs', () => {
    const found = pages.flatMap((file) =>
      withoutCode(read(file)).flatMap((text) => (words.test(text) ? [`${file}: ${text}`] : [])),
    );
    expect(found).toEqual([]);
  });
});

describe('prose of the packages', () => {
  it('uses no pronouns for people where software is meant', () => {
    const found = sources
      .filter((file) => /^packages\/\w[\w-]*\/src\//.test(file) && !file.endsWith('.test.ts'))
      .flatMap((file) => proseOf(read(file)).flatMap((text) => (PEOPLE.test(text) ? [`${file}: ${text}`] : [])));
    expect(found).toEqual([]);
  });
});

describe('prose of the packages and apps', () => {
  it('does not translate idioms word by word', () => {
    const found = sources
      .filter((file) => /^(packages|apps)\/\w[\w-]*\/src\//.test(file) && !file.endsWith('.test.ts'))
      .flatMap((file) => proseOf(read(file)).flatMap((text) => (TRANSLATED.test(text) ? [`${file}: ${text}`] : [])));
    expect(found).toEqual([]);
  });
});

describe('log lines', () => {
  const messages = sources
    .filter((file) => /\/src\//.test(file) && !/\.test\.ts$|^e2e|^bench/.test(file))
    .flatMap((file) =>
      [...read(file).matchAll(/logger\s*\.(?:debug|info|warn|error)\(\s*\{[^}]*\},\s*(['"`])(.*?)\1/gs)].map(
        ([, , text = '']) => `${file}: ${text}`,
      ),
    );

  it('are found', () => {
    expect(messages.length).toBeGreaterThan(30);
  });

  it('are in lower case, and end without a period', () => {
    expect(messages.filter((line) => /^\S+: (?![A-Z]{2,}\b)[A-Z]|\.$/.test(line))).toEqual([]);
  });

  it('name what happened in the past participle, or a thing', () => {
    expect(messages.filter((line) => /^\S+: (?!listening|advertising)\w+ing\b/.test(line))).toEqual([]);
  });
});
