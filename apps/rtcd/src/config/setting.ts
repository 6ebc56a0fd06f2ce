import type { z } from 'zod';

/** One setting: the sources of its value besides the file, the valid values, and the default. */
export interface Setting<T> extends SettingKind<T> {
  /** The environment variable that overrides the file. */
  readonly environment: string;
  readonly default: T;
  readonly notesOn: (value: unknown) => readonly string[];
  /** Its value appears in no message. */
  readonly isSecret: boolean;
}

/** Rules for reading and checking values of one kind. */
export interface SettingKind<T> {
  readonly schema: z.ZodType<T>;
  /** Describes valid values, as the end of a sentence that begins with `should`. */
  readonly expected: string;
  /** Turns the text of the environment variable into what the schema takes; nonsense is left for the schema to refuse. */
  readonly fromText: (text: string) => unknown;
  /** A value that means that nothing is set. */
  readonly unset?: T;
  /** Lines for the log about a good value: parts of it that are ignored. */
  readonly notesOn?: (value: unknown) => readonly string[];
}

/** Declares a setting of a kind. */
export function setting<T>(environment: string, kind: SettingKind<T>, value: NoInfer<T>): Setting<T> {
  return { notesOn: () => [], ...kind, environment, default: value, isSecret: false };
}

/** Declares a setting whose value must not be shown. */
export function secretSetting<T>(environment: string, kind: SettingKind<T>, value: NoInfer<T>): Setting<T> {
  return { ...setting(environment, kind, value), isSecret: true };
}

/** Settings in the tables of the TOML file. */
export interface SettingTable {
  readonly [name: string]: Setting<unknown> | SettingTable;
}

/** The values of a table of settings. */
export type ValuesOf<T> = { readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : ValuesOf<T[K]> };

export function isSetting(member: Setting<unknown> | SettingTable): member is Setting<unknown> {
  return 'fromText' in member && typeof member.fromText === 'function';
}

/** All settings of a table with their dotted names, in order. */
export function* listSettings(table: SettingTable, prefix = ''): Generator<[name: string, setting: Setting<unknown>]> {
  for (const [key, member] of Object.entries(table)) {
    const name = prefix + key;
    if (isSetting(member)) {
      yield [name, member];
    } else {
      yield* listSettings(member, `${name}.`);
    }
  }
}
