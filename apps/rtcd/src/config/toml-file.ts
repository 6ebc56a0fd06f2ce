import { readFile } from 'node:fs/promises';
import { textOf } from '@rtcd/boundary';
import { parse, TomlError } from 'smol-toml';
import { ConfigError } from '../errors.ts';
import { isSetting, type Setting, type SettingTable } from './setting.ts';

/** The tables of a TOML file, or undefined if there is no such file. */
export async function readTomlFile(path: string): Promise<Readonly<Record<string, unknown>> | undefined> {
  let content: string;
  try {
    content = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new ConfigError('unreadable_file', `cannot read the config file ${path}: ${textOf(cause)}`, {
      cause,
    });
  }
  try {
    return parse(content.replace(/^\u{feff}/u, ''));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const [reason] = cause.message.split('\n');
    const where = `line ${cause.line}, column ${cause.column}`;
    throw new ConfigError('unreadable_file', `the config file ${path} is not valid TOML, ${where}: ${reason}`, {
      cause,
    });
  }
}

/** The values of a TOML file under the dotted names of the settings, and the keys that fit none. */
export interface MatchedNames {
  readonly values: ReadonlyMap<string, unknown>;
  /** Names that no setting has: likely misspelled. */
  readonly unknown: readonly string[];
  /** Each with its name: a value in place of a table, or a setting that is there twice. */
  readonly problems: readonly string[];
}

/** Finds the setting of each key. Case does not matter, as in Go's TOML decoder, which read these files before. */
export function matchNames(tree: object, table: SettingTable): MatchedNames {
  const values = new Map<string, unknown>();
  const unknown: string[] = [];
  const problems: string[] = [];

  function visit(tree: object, table: SettingTable, prefix: string): void {
    for (const [key, value] of Object.entries(tree)) {
      const [canonicalKey, member] = findMember(table, key) ?? [];
      const name = `${prefix}${canonicalKey ?? key}`;
      if (member === undefined) {
        unknown.push(name);
      } else if (!isSetting(member)) {
        if (isTable(value)) {
          visit(value, member, `${name}.`);
        } else {
          problems.push(`${name} should be a table`);
        }
      } else if (values.has(name)) {
        problems.push(`${name} is set twice, in different case`);
      } else {
        values.set(name, value);
      }
    }
  }

  visit(tree, table, '');
  return { values, unknown, problems };
}

function findMember(table: SettingTable, key: string): [string, Setting<unknown> | SettingTable] | undefined {
  const lowerCase = key.toLowerCase();
  return Object.entries(table).find(([name]) => name === lowerCase);
}

const isTable = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
