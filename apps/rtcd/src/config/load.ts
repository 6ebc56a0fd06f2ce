import { ConfigError } from '../errors.ts';
import { conflicts } from './conflicts.ts';
import { isSetting, listSettings, type Setting, type SettingTable } from './setting.ts';
import { type Config, SETTINGS } from './settings.ts';
import { matchNames, readTomlFile } from './toml-file.ts';

/** Path of the config file without `--config`, relative to the working directory. */
export const DEFAULT_CONFIG_PATH = 'config/config.toml';

const ENVIRONMENT_PREFIX = 'RTCD_';

/** Variables that are no settings, since `@rtcd/packet-io` reads them itself. */
const OTHER_VARIABLES = ['RTCD_PACKET_PLANE'];

/** Sources of settings. */
export interface ConfigSources {
  /** The TOML file; if there is none, everything has its default. */
  readonly path: string;
  /** Overrides the file; `process.env` in a service. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A valid configuration, and notes about it for the log. */
export interface LoadedConfig {
  readonly config: Config;
  /** False if there is no file at the path: the configuration is defaults and environment alone. */
  readonly hasFile: boolean;
  /** Lines for the log: what was not understood, but does not matter. */
  readonly notes: readonly string[];
}

/** Reads the configuration: environment variables before the file before defaults. Rejects with a `ConfigError`. */
export async function loadConfig({ path, environment }: ConfigSources): Promise<LoadedConfig> {
  const file = await readTomlFile(path);
  const { values, unknown, problems: misplaced } = matchNames(file ?? {}, SETTINGS);
  const notes = [
    ...unknown.map((name) => `${name} in ${path} is not a setting: ignored`),
    ...unknownVariables(environment).map((name) => `the environment variable ${name} is not a setting: ignored`),
  ];
  const problems = misplaced.map((problem) => `${problem} (in ${path})`);
  const sources = new Map<string, string>();

  function resolve(name: string, setting: Setting<unknown>): unknown {
    const variable = environment[setting.environment];
    const inFile = values.get(name);
    if (variable === undefined && inFile === undefined) return setting.default;
    const source = variable === undefined ? path : `the environment variable ${setting.environment}`;
    sources.set(name, source);
    const value = variable === undefined ? inFile : setting.fromText(variable);
    const parsed = setting.schema.safeParse(value);
    if (parsed.success) {
      notes.push(...setting.notesOn(value).map((note) => `${name} (from ${source}): ${note}`));
      return parsed.data;
    }
    const shown = setting.isSecret ? '' : ` is ${JSON.stringify(value) ?? String(value)}`;
    problems.push(`${name}${shown} (from ${source}): should ${setting.expected}`);
    return setting.default;
  }

  const config = mapSettings(SETTINGS, resolve) as Config;
  for (const { name, reason } of conflicts(config)) {
    problems.push(`${name} (from ${sources.get(name) ?? 'the defaults'}): ${reason}`);
  }
  if (problems.length > 0) throw new ConfigError('invalid_option', `invalid configuration: ${problems.join('; ')}`);
  return { config: withoutUnset(config), hasFile: file !== undefined, notes };
}

/** Has the default in place of values that mean, as Go's zero values do, that nothing is set. */
function withoutUnset(config: Config): Config {
  return mapSettings(SETTINGS, (name, { unset, default: byDefault }) => {
    const value = valueAt(config, name);
    return unset !== undefined && value === unset ? byDefault : value;
  }) as Config;
}

/** Returns the defaults of all settings. */
export function defaultConfig(): Config {
  return mapSettings(SETTINGS, (_, setting) => setting.default) as Config;
}

function mapSettings(
  table: SettingTable,
  resolve: (name: string, setting: Setting<unknown>) => unknown,
  prefix = '',
): object {
  return Object.fromEntries(
    Object.entries(table).map(([key, member]) => {
      const name = prefix + key;
      return [key, isSetting(member) ? resolve(name, member) : mapSettings(member, resolve, `${name}.`)];
    }),
  );
}

function valueAt(config: Config, name: string): unknown {
  return name.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], config);
}

function unknownVariables(environment: ConfigSources['environment']): string[] {
  const settings = [...listSettings(SETTINGS)].map(([, { environment: variable }]) => variable);
  const known = new Set([...settings, ...OTHER_VARIABLES]);
  return Object.keys(environment).filter((name) => name.startsWith(ENVIRONMENT_PREFIX) && !known.has(name));
}
