import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { listSettings } from '../src/config/setting.ts';
import { SETTINGS } from '../src/config/settings.ts';
import { defaultConfig, loadConfig } from '../src/index.ts';

const path = fileURLToPath(new URL('../config.sample.toml', import.meta.url));

/** The settings in the order of the file, those without a value (`# name = ...`) included, each with the comment above it. */
async function readSample() {
  const found: Array<{ readonly name: string; readonly hasValue: boolean; readonly comment: readonly string[] }> = [];
  let table = '';
  let comment: string[] = [];
  for (const line of (await readFile(path, 'utf8')).split('\n')) {
    const [, heading] = /^\[([\w.]+)\]$/.exec(line) ?? [];
    const [, mark, key] = /^(# )?([a-z][a-z0-9_]*) = /.exec(line) ?? [];
    if (heading !== undefined) table = heading;
    else if (key !== undefined) found.push({ name: `${table}.${key}`, hasValue: mark === undefined, comment });
    comment = key === undefined && line.startsWith('# ') ? [...comment, line.slice(2)] : [];
  }
  return found;
}

it('has every setting once, explained and with its environment variable', async () => {
  const sample = await readSample();
  const settings = [...listSettings(SETTINGS)];
  expect(sample.map(({ name }) => name).sort()).toEqual(settings.map(([name]) => name).sort());
  for (const [name, { environment }] of settings) {
    const { comment } = sample.find((found) => found.name === name)!;
    expect(comment.at(-1), name).toBe(environment);
    expect(comment.slice(0, -1).join(' '), name).toMatch(/^[A-Z].{15,}\.$/);
  }
});

it('has a value for every setting that has a default', async () => {
  const withValue = (await readSample()).filter(({ hasValue }) => hasValue).map(({ name }) => name);
  const withDefault = [...listSettings(SETTINGS)].filter(([, setting]) => setting.default !== undefined);
  expect(withValue.sort()).toEqual(withDefault.map(([name]) => name).sort());
});

it('changes nothing', async () => {
  expect(await loadConfig({ path, environment: {} })).toEqual({ config: defaultConfig(), hasFile: true, notes: [] });
});
